// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/host_programs.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/detached.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Programs that fork while they have pools, and the permitted uses of a pool in the copies. A child plays
// each program; its last word is "done".
namespace os = procpool::os;
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

int square(int n) {
    return n * n;
}

void take_a_moment() {
    std::this_thread::sleep_for(300ms);
}

/// Whether the call is refused because the process is a copy.
template <class Call>
bool is_refused(Call call) {
    try {
        call();
    } catch (const std::logic_error& why) {
        return std::string(why.what()).find("fork()") != std::string::npos;
    } catch (const std::exception& other) {
        say(std::string("another error: ") + other.what() + '\n');
    }
    return false;
}

constexpr int copy_status = 7;

/// Makes a copy that calls `does` and exits; a signal ends a copy that hangs.
template <class Does>
void copy_that(Does does, ::pid_t (*fork_it)() = ::fork) {
    const auto child = fork_it();
    if (child == 0) {
        ::alarm(20);
        try {
            does();
        } catch (const std::exception& why) {
            say(std::string("the copy failed: ") + why.what() + '\n');
        }
        std::exit(copy_status);
    }
    int status = 0;
    expect(::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == copy_status,
           "the copy ends as it wants");
}

void expect_refusal_of_every_call(procpool::pool& pool) {
    const std::vector<int> items{1, 2, 3};
    const auto bound = procpool::bind(procpool::fn<square>, 3);
    const std::map<std::string, std::function<void()>> calls{
        {"apply",
         [&] {
             pool.apply(procpool::fn<square>, 1);
         }},
        {"apply_async",
         [&] {
             pool.apply_async(procpool::fn<square>, 1);
         }},
        {"map",
         [&] {
             pool.map(procpool::fn<square>, items);
         }},
        {"map_async",
         [&] {
             pool.map_async(procpool::fn<square>, std::vector<int>());
         }},
        {"map_reduce",
         [&] {
             pool.map_reduce(
                 procpool::fn<square>, items, [](int a, int b) { return a + b; }, 0);
         }},
        {"imap",
         [&] {
             pool.imap(procpool::fn<square>, items);
         }},
        {"imap_unordered",
         [&] {
             pool.imap_unordered(procpool::fn<square>, items);
         }},
        {"broadcast",
         [&] {
             pool.broadcast(procpool::fn<square>, 1);
         }},
        {"async_apply",
         [&] {
             pool.async_apply(bound, boost::asio::detached);
         }},
        {"resize",
         [&] {
             pool.resize(3);
         }},
        {"workers",
         [&] {
             pool.workers();
         }},
        {"close",
         [&] {
             pool.close();
         }},
        {"join",
         [&] {
             pool.join();
         }},
    };
    for (const auto& [name, call] : calls)
        expect(is_refused(call), "the copy is refused " + name);
    expect(pool.size() == 2, "the copy may ask for the size");
}

void refuse_calls() {
    procpool::pool pool(2);
    const auto pids = pids_of(pool);
    for (int round = 0; round != 2; ++round) {
        copy_that([&] {
            expect_refusal_of_every_call(pool);
            if (round == 1)
                pool.terminate();
        });
        expect(pids_of(pool) == pids, "no worker is touched");
        expect(pool.map(procpool::fn<square>, std::vector{1, 2, 3}) == std::vector{1, 4, 9},
               "the pool works");
    }
}

void have_results() {
    procpool::pool pool(2);
    auto value = pool.apply_async(procpool::fn<square>, 3);
    const auto failure = pool.apply_async([] { throw std::domain_error("wrong"); });
    value.wait();
    failure.wait();
    auto running = pool.apply_async(procpool::fn<take_a_moment>);
    auto stream = pool.imap(procpool::fn<square>, std::vector{1, 2, 3});
    auto completed = procpool::as_completed(std::vector{value});
    expect(*stream.next() == 1, "the first item");
    copy_that([&] {
        expect(value.ready() && value.successful() && value.get() == 9, "a value can be read");
        try {
            failure.get();
            say("no error\n");
        } catch (const std::domain_error&) {
        }
        expect(procpool::wait_any(std::vector{value}) == 0, "it is ready for wait_any");
        auto again = procpool::as_completed(std::vector{value, value});
        expect(again.next() && again.next() && !again.next(), "it is ready for as_completed");
        expect(!value.cancel(), "what is ready is not cancelled");

        expect(!running.ready(), "what runs elsewhere is not ready");
        expect(is_refused([&] { running.get(); }), "get is refused");
        expect(is_refused([&] { running.wait(0ms); }), "wait with a time-out is refused");
        expect(is_refused([&] { running.successful(); }), "successful is refused");
        expect(is_refused([&] { running.cancel(); }), "cancel is refused");
        expect(is_refused([&] { running.on_success([] {}); }), "on_success is refused");
        expect(is_refused([&] { running.on_error([](const auto&) {}); }), "on_error is refused");
        expect(is_refused([&] { procpool::wait_any(std::vector{running}); }), "wait_any is refused");
        expect(is_refused([&] { procpool::as_completed(std::vector{running}); }), "as_completed is refused");
        expect(is_refused([&] { completed.next(); }), "a stream of completions is refused");
        expect(is_refused([&] { stream.next(); }), "a stream is refused");
        const auto moved = std::move(stream); // and destroyed
    });
    running.get();
    expect(*stream.next() == 4 && *stream.next() == 9 && !stream.next(), "the stream goes on");
    expect(completed.next().has_value(), "the stream of completions goes on");
}

/// The program has threads that keep the pool busy, and that hold its locks when the copy is made.
void fork_in_the_midst() {
    procpool::pool pool(2);
    procpool::shared_array<int> array(100);
    std::atomic<bool> stop = false;
    std::atomic<bool> wrong = false;
    std::vector<std::thread> threads;
    for (int i = 0; i != 3; ++i)
        threads.emplace_back([&, i] {
            for (int n = i; !stop; n = (n + 1) % 1000) {
                wrong = wrong || pool.apply(procpool::fn<square>, n) != n * n;
                wrong = wrong || pool.map(procpool::fn<square>, std::vector{n, n}).back() != n * n;
                const std::string text(200'000, 's');
                const auto result = pool.apply_async([](const std::string& s) { return s.size(); }, text);
                const procpool::shared_array<int> another(10);
                wrong = wrong || result.get() != text.size();
                for (const int each : pool.imap(procpool::fn<square>, std::vector{n}))
                    wrong = wrong || each != n * n;
            }
        });
    for (int round = 0; round != 40; ++round)
        copy_that([&] {
            const auto stays = std::make_optional(array);
            expect(is_refused([&] { pool.apply(procpool::fn<square>, 1); }), "apply is refused");
            expect(is_refused([&] { pool.workers(); }), "workers is refused");
            expect(is_refused([&] { pool.stats(); }), "stats is refused");
            procpool::set_unhandled({});
            const procpool::shared_array<int> own(10);
            const procpool::pool ended(std::move(pool));
        });
    stop = true;
    for (auto& each : threads)
        each.join();
    expect(!wrong, "all values are right");
    use_up(pool);
}

void make_pools_in_copies() {
    static std::optional<procpool::pool> outlives_main(std::in_place, 1U);
    const auto use_one = [] {
        procpool::pool own(2);
        static std::optional<procpool::pool> at_exit(std::in_place, 1U);
        std::vector<int> items(100);
        std::iota(items.begin(), items.end(), 0);
        expect(own.map(procpool::fn<square>, items).back() == 99 * 99, "a pool of the copy works");
        expect(at_exit->apply(procpool::fn<square>, 4) == 16, "and another one");
        expect(is_refused([] { outlives_main->workers(); }), "but not that of the parent");
        copy_that([&] {
            expect(is_refused([&] { own.workers(); }), "a copy of a copy is one");
            expect(is_refused([] { outlives_main->workers(); }), "also of the first");
            expect(procpool::pool(1).apply(procpool::fn<square>, 5) == 25, "and may have a pool too");
        });
        expect(own.apply(procpool::fn<square>, 6) == 36, "the pool of the first copy works on");
    };
    copy_that(use_one);
    expect(outlives_main->apply(procpool::fn<square>, 7) == 49, "the pool works on");
}

void become_a_daemon() {
    auto* const left = new procpool::pool(2);
    expect(left->apply(procpool::fn<square>, 2) == 4, "the pool works");
    if (::daemon(1, 1) != 0)
        say("no daemon\n");
    ::alarm(20);
    expect(is_refused([&] { left->apply(procpool::fn<square>, 2); }), "the pool was left behind");
    procpool::pool pool(2);
    use_up(pool);
}

void start_programs() {
    procpool::pool pool(2);
    const auto pids = pids_of(pool);
    const auto running = pool.apply_async(procpool::fn<take_a_moment>);
    expect(std::system("exit 3") != -1, "a shell was run");
    const auto child = ::vfork();
    if (child == 0)
        ::_exit(0);
    expect(::waitpid(child, nullptr, 0) == child, "a child was made");
    running.get();
    expect(pids_of(pool) == pids && pool.apply(procpool::fn<square>, 3) == 9, "the pool works on");
}

/// Forks by a system call, past the C library, as some libraries do.
::pid_t raw_fork() {
    return static_cast<::pid_t>(::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

void fork_without_the_library() {
    procpool::pool pool(2);
    copy_that(
        [&] {
            expect(is_refused([&] { pool.apply(procpool::fn<square>, 1); }), "apply is refused");
            ::_exit(copy_status);
        },
        raw_fork);
    use_up(pool);
}

/// A program that is to be killed, while a copy of it lives on with all of its descriptors. The first line
/// has the process numbers.
void leave_a_copy() {
    procpool::pool pool(2);
    std::string numbers;
    for (const auto pid : pids_of(pool))
        numbers += std::to_string(pid) + ' ';
    const auto copy = ::fork();
    if (copy != 0)
        say(numbers + std::to_string(copy) + '\n');
    sleep_for_ever();
}

const std::map<std::string, std::function<void()>> scripts{
    {"refuses calls", refuse_calls},           {"has results", have_results},
    {"forks in the midst", fork_in_the_midst}, {"makes pools in copies", make_pools_in_copies},
    {"becomes a daemon", become_a_daemon},     {"starts programs", start_programs},
    {"leaves a copy", leave_a_copy},           {"forks without the library", fork_without_the_library},
};

int play(const std::string& script) {
    scripts.at(script)();
    say("done\n");
    return 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(forking, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_copy_is_refused_what_would_reach_a_worker) {
    BOOST_TEST(answer_to("refuses calls") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_copy_reads_results_that_were_ready_and_no_others) {
    BOOST_TEST(answer_to("has results") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_copy_does_not_hang_whatever_other_threads_did_when_it_was_made) {
    BOOST_TEST(answer_to("forks in the midst") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_copy_and_its_copies_may_have_pools_of_their_own) {
    BOOST_TEST(answer_to("makes pools in copies") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_daemon_has_to_make_its_pool_itself) {
    BOOST_TEST(answer_to("becomes a daemon") == "done\n");
}

BOOST_AUTO_TEST_CASE(programs_that_are_started_change_nothing) {
    BOOST_TEST(answer_to("starts programs") == "done\n");
}

#if !defined(PROCPOOL_SANITIZED) // which must notice every copy
BOOST_AUTO_TEST_CASE(a_copy_that_the_c_library_does_not_know_of_is_refused_too) {
    BOOST_TEST(answer_to("forks without the library") == "done\n");
}
#endif

BOOST_AUTO_TEST_CASE(workers_end_with_a_parent_that_is_killed_though_a_copy_of_it_lives) {
    scripted_child parent("leaves a copy");
    std::istringstream said(parent.hear_some());
    const std::vector<long> pids{std::istream_iterator<long>(said), {}};
    BOOST_REQUIRE(pids.size() == 3);
    kill_process(os::pid(parent.process()));
    static_cast<void>(parent.wait_for_exit());
    BOOST_TEST(eventually([&] { return !is_alive(pids[0]) && !is_alive(pids[1]); }));
    BOOST_TEST(is_alive(pids[2]));
    kill_process(pids[2]);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
