// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/bystander.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#if !defined(_WIN32)
#include <csignal>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

// Pools in programs with habits of their own. A child plays each program; its last word is "done".
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

int add_one(int n) {
    return n + 1;
}

void sleep_long() {
    std::this_thread::sleep_for(30s);
}

void expect(bool holds, const std::string& what) {
    if (!holds)
        say("not so: " + what + '\n');
}

/// Uses a pool for what it is for, and lets a worker die.
void use(procpool::pool& pool, bool status_is_known) {
    const std::vector<int> ones(1000, 1);
    expect(pool.map(procpool::fn<add_one>, ones) == std::vector<int>(1000, 2), "a map works");
    for (int round = 0; round != 3; ++round) {
        try {
            pool.apply([] { kill_itself(); });
            say("a death was not seen\n");
        } catch (const procpool::worker_lost& lost) {
            if (status_is_known)
                expect(was_killed(lost), "the status is known");
            else
                expect(!lost.exit_status(), "no exit status is made up");
        }
        expect(pool.apply(procpool::fn<add_one>, 1) == 2, "a call after a death works");
    }
    pool.close();
    pool.join();
}

#if !defined(_WIN32)

void ignore_ended_children() {
    std::signal(SIGCHLD, SIG_IGN);
    procpool::pool pool(2);
    use(pool, false);
}

void take_every_child() {
    std::atomic<bool> stop = false;
    std::thread thief([&] {
        while (!stop)
            if (::waitpid(-1, nullptr, WNOHANG) <= 0)
                std::this_thread::yield();
    });
    {
        procpool::pool pool(2);
        use(pool, false);
    }
    stop = true;
    thief.join();
}

std::atomic<int> children_ended = 0;

void have_signal_handlers_and_a_mask() {
    std::signal(SIGCHLD, [](int) { ++children_ended; });
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t mask;
    ::sigemptyset(&mask);
    ::sigaddset(&mask, SIGUSR1);
    ::sigprocmask(SIG_SETMASK, &mask, nullptr);
    const auto settings = [] {
        std::map<int, void (*)(int)> out;
        for (int number = 1; number != NSIG; ++number) {
            struct sigaction action {};
            if (::sigaction(number, nullptr, &action) == 0)
                out[number] = action.sa_handler;
        }
        return out;
    };
    const auto before = settings();
    {
        procpool::pool pool(2);
        use(pool, true);
        expect(settings() == before, "signal handlers are left alone");
    }
    expect(settings() == before, "signal handlers are as before");
    sigset_t after;
    ::sigprocmask(SIG_SETMASK, nullptr, &after);
    expect(::sigismember(&after, SIGUSR1) == 1 && ::sigismember(&after, SIGCHLD) == 0,
           "the mask is as before");
    expect(children_ended >= 1, "the host hears of ended children");
}

void have_a_child_of_its_own() {
    const auto child = ::fork();
    if (child == 0)
        ::_exit(5);
    {
        procpool::pool pool(2);
        use(pool, true);
    }
    int status = 0;
    expect(::waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 5,
           "the host's child is the host's to reap");
}

void close_standard_streams() {
    for (const int stream : {0, 1, 2})
        ::close(stream);
    procpool::pool pool(2);
    // Lines of text must not end in what the pool has open.
    pool.apply([] { std::puts("to nowhere"); });
    use(pool, true);
    for (const int stream : {0, 1, 2})
        expect(::fcntl(stream, F_GETFD) == -1, "standard streams stay closed");
}

void have_many_descriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    while (::open("/dev/null", O_RDONLY) < 1500) {
    }
    procpool::pool pool(2);
    use(pool, true);
}

void may_write_small_files_only() {
    const rlimit small{50'000'000, 50'000'000};
    ::setrlimit(RLIMIT_FSIZE, &small);
    procpool::pool pool(2);
    const std::string text(5'000'000, 's');
    expect(pool.apply([](const std::string& s) { return s; }, text) == text, "what fits travels");
    use(pool, true);
}

void may_write_tiny_files_only() {
    const rlimit tiny{1'000'000, 1'000'000};
    ::setrlimit(RLIMIT_FSIZE, &tiny);
    try {
        procpool::pool pool(2);
        say("a pool was made of nothing\n");
    } catch (const procpool::start_failed&) {
    }
}

void have_little_address_space() {
    const rlimit little{2'000'000'000, 2'000'000'000};
    ::setrlimit(RLIMIT_AS, &little);
    procpool::pool pool(2);
    use(pool, true);
}

/// Forks while the pool works; the copy ends by exit(), and destroys its copies of pools.
void fork_now_and_then() {
    static std::optional<procpool::pool> at_exit(std::in_place, 1U);
    procpool::pool pool(2);
    const auto pids = pids_of(pool);
    const auto others = pids_of(*at_exit);
    for (int round = 0; round != 4; ++round) {
        const auto running = pool.apply_async([] { std::this_thread::sleep_for(50ms); });
        const auto child = ::fork();
        if (child == 0) {
            if (round % 2 == 0) {
                static_cast<void>(procpool::pool(std::move(pool)));
                at_exit.reset();
            }
            std::exit(7);
        }
        int status = 0;
        expect(::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7,
               "the copy ends as it wants");
        running.get();
        expect(pids_of(pool) == pids && pids_of(*at_exit) == others, "no worker is touched");
        expect(at_exit->apply(procpool::fn<add_one>, round) == round + 1, "the other pool works");
    }
    use(pool, true);
}

#endif

/// A program with a child that it waits for itself.
void have_a_bystander() {
    const auto child = start_bystander();
    {
        procpool::pool pool(2);
        use(pool, true);
    }
    expect(is_alive(child), "the host's child is left alone");
    kill_process(child);
}

std::optional<procpool::pool> global_pool;
std::optional<procpool::async_result<void>> global_result;

void leave_pools_behind(bool busy) {
    static procpool::pool in_a_function(2);
    global_pool.emplace(2U);
    auto* const leaked = new procpool::pool(2);
    if (!busy)
        return;
    global_result = leaked->apply_async(procpool::fn<sleep_long>);
    static const auto last_result = global_pool->apply_async(procpool::fn<sleep_long>);
    static_cast<void>(in_a_function.apply_async(procpool::fn<sleep_long>));
}

const std::map<std::string, std::function<void()>> scripts {
#if !defined(_WIN32)
    {"ignores SIGCHLD", ignore_ended_children}, {"takes every child", take_every_child},
        {"has signal handlers and a mask", have_signal_handlers_and_a_mask},
        {"has a child of its own", have_a_child_of_its_own},
        {"closes standard streams", close_standard_streams}, {"has many descriptors", have_many_descriptors},
        {"may write small files only", may_write_small_files_only},
        {"may write tiny files only", may_write_tiny_files_only},
        {"has little address space", have_little_address_space}, {"forks now and then", fork_now_and_then},
#endif
        {"has a bystander", have_a_bystander},
        {"leaves idle pools behind",
         [] {
             leave_pools_behind(false);
         }},
        {"leaves busy pools behind", [] {
             leave_pools_behind(true);
         }},
};

int play(const std::string& script) {
    scripts.at(script)();
    say("done\n");
    return 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(host, nothing_left_behind)

#if !defined(_WIN32) // lacks SIGCHLD
BOOST_AUTO_TEST_CASE(a_program_that_ignores_ended_children_only_lacks_their_status) {
    BOOST_TEST(answer_to("ignores SIGCHLD") == "done\n");
}
#endif

#if !defined(_WIN32) // lacks waitpid: nobody takes the status of a child away
BOOST_AUTO_TEST_CASE(a_program_that_takes_every_child_only_lacks_their_status) {
    BOOST_TEST(answer_to("takes every child") == "done\n");
}
#endif

#if !defined(_WIN32) // lacks signal masks
BOOST_AUTO_TEST_CASE(signal_handlers_and_mask_are_left_alone) {
    BOOST_TEST(answer_to("has signal handlers and a mask") == "done\n");
}
#endif

#if !defined(_WIN32) // lacks fork
BOOST_AUTO_TEST_CASE(children_of_the_program_are_left_alone) {
    BOOST_TEST(answer_to("has a child of its own") == "done\n");
}
#endif

BOOST_AUTO_TEST_CASE(other_programs_that_it_started_are_left_alone) {
    BOOST_TEST(answer_to("has a bystander") == "done\n");
}

#if !defined(_WIN32) // lacks standard streams that others take the place of when they are closed
BOOST_AUTO_TEST_CASE(standard_streams_may_be_closed) {
    BOOST_TEST(answer_to("closes standard streams") == "done\n");
}
#endif

#if !defined(_WIN32) // lacks descriptors that are small numbers
BOOST_AUTO_TEST_CASE(more_than_1024_descriptors_may_be_open) {
    BOOST_TEST(answer_to("has many descriptors") == "done\n");
}
#endif

#if !defined(_WIN32) // lacks setrlimit
BOOST_AUTO_TEST_CASE(limits_on_files_and_address_space_are_lived_with_or_a_failure) {
    BOOST_TEST(answer_to("may write small files only") == "done\n");
    BOOST_TEST(answer_to("may write tiny files only") == "done\n");
#ifndef PROCPOOL_SANITIZED // they need more than there is
    BOOST_TEST(answer_to("has little address space") == "done\n");
#endif
}
#endif

#if !defined(_WIN32) // lacks fork
BOOST_AUTO_TEST_CASE(a_forked_copy_does_not_touch_the_workers) {
    BOOST_TEST(answer_to("forks now and then") == "done\n");
}
#endif

BOOST_AUTO_TEST_CASE(pools_may_outlive_main) {
    for (const auto* script : {"leaves idle pools behind", "leaves busy pools behind"}) {
        const auto begin = std::chrono::steady_clock::now();
        BOOST_TEST(answer_to(script) == "done\n"); // and exits with 0
        BOOST_TEST((std::chrono::steady_clock::now() - begin < 5s));
    }
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
