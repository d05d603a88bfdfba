// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/bystander.hpp"
#include "support/host_programs.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>

#if !defined(_WIN32)
#include <csignal>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

// Pools in programs with unusual habits; host_children.cpp has the habits that concern children. A child plays
// each program; its last word is "done".
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

void sleep_long() {
    std::this_thread::sleep_for(30s);
}

#if !defined(_WIN32)

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
        use_up(pool);
        expect(settings() == before, "signal handlers are left alone");
    }
    expect(settings() == before, "signal handlers are as before");
    sigset_t after;
    ::sigprocmask(SIG_SETMASK, nullptr, &after);
    expect(::sigismember(&after, SIGUSR1) == 1 && ::sigismember(&after, SIGCHLD) == 0,
           "the mask is as before");
    expect(children_ended >= 1, "the host hears of ended children");
}

void close_standard_streams() {
    for (const int stream : {0, 1, 2})
        ::close(stream);
    procpool::pool pool(2);
    // Printed text must not be written to a descriptor of the pool.
    pool.apply([] { std::puts("to nowhere"); });
    use_up(pool);
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
    use_up(pool);
}

#endif

/// A program with a child that it waits for itself.
void have_a_bystander() {
    const auto child = start_bystander();
    {
        procpool::pool pool(2);
        use_up(pool);
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
    {"has signal handlers and a mask", have_signal_handlers_and_a_mask},
        {"closes standard streams", close_standard_streams}, {"has many descriptors", have_many_descriptors},
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

#if !defined(_WIN32) // lacks signal masks
BOOST_AUTO_TEST_CASE(signal_handlers_and_mask_are_left_alone) {
    BOOST_TEST(answer_to("has signal handlers and a mask") == "done\n");
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

BOOST_AUTO_TEST_CASE(pools_may_outlive_main) {
    for (const auto* script : {"leaves idle pools behind", "leaves busy pools behind"}) {
        const auto begin = std::chrono::steady_clock::now();
        BOOST_TEST(answer_to(script) == "done\n"); // and exits with 0
        BOOST_TEST((std::chrono::steady_clock::now() - begin < 30s));
    }
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
