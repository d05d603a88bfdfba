// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>
#include <unistd.h>

// The parent is killed: its workers, and theirs, are gone soon after. A child plays the parent.
namespace os = procpool::os;
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t workers = 3;

/// The line is the workers' standard error, so they can tell too.
void tell(const std::string& text) {
    static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
}

void tell_pid() {
    tell(std::to_string(::getpid()) + '\n');
}

void compute() {
    tell_pid();
    for (std::atomic<std::uint64_t> n = 0;;)
        n.fetch_add(1, std::memory_order_relaxed);
}

void wait_for_ever() {
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    tell_pid();
    for (;;)
        ::pause();
}

void start_thread_and_wait() {
    std::thread(compute).detach();
    for (;;)
        ::pause();
}

std::vector<std::uint8_t> return_much() {
    tell_pid();
    return std::vector<std::uint8_t>(200'000'000);
}

void run_pool_of_its_own() {
    procpool::pool inner(1);
    tell_pid();
    inner.apply(procpool::fn<wait_for_ever>);
}

/// Its parent's group and session lose nothing by it.
void start_program_in_a_session_of_its_own() {
    tell_pid();
    const std::string command =
        "setsid sh -c 'echo $$ >&2; trap \"\" HUP TERM; sleep 300 & echo $! >&2; wait'";
    static_cast<void>(!std::system(command.c_str()));
}

/// Copies that share all handles of their worker, and heed nothing.
void fork_stubborn_copy() {
    tell_pid();
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    if (::fork() == 0)
        tell_pid();
    for (;;)
        ::pause();
}

void stop() {
    tell_pid();
    std::raise(SIGSTOP);
}

/// Its worker is not even told that it is an orphan now.
void stop_without_hearing() {
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    for (int number = 1; number != NSIG; ++number)
        std::signal(number, SIG_IGN);
    stop();
}

void stop_with_pool_of_its_own() {
    procpool::pool inner(1);
    const auto result = inner.apply_async(procpool::fn<stop_without_hearing>);
    result.wait(100ms);
    stop_without_hearing();
}

void start_sleeping_program() {
    tell_pid();
    const std::string command = "echo $$ >&2; exec sleep 300";
    static_cast<void>(!std::system(command.c_str()));
}

/// The parent that is to be killed. Its last word is a dot.
int play(const std::string& script) {
    ::dup2(line_to_parent, STDERR_FILENO);
    procpool::pool pool(workers);
    std::vector<procpool::async_result<void>> results;
    const auto in_each = [&](auto task) {
        for (std::size_t i = 0; i != workers; ++i)
            results.push_back(pool.apply_async(task));
    };
    if (script == "idle") {
        for (const auto& each : pool.workers())
            say(std::to_string(each.pid) + '\n');
    } else if (script == "computing") {
        in_each(procpool::fn<compute>);
    } else if (script == "blocked") {
        in_each(procpool::fn<wait_for_ever>);
    } else if (script == "threads") {
        in_each(procpool::fn<start_thread_and_wait>);
    } else if (script == "nested") {
        in_each(procpool::fn<run_pool_of_its_own>);
    } else if (script == "programs") {
        in_each(procpool::fn<start_sleeping_program>);
    } else if (script == "sessions") {
        in_each(procpool::fn<start_program_in_a_session_of_its_own>);
    } else if (script == "copies") {
        in_each(procpool::fn<fork_stubborn_copy>);
    } else if (script == "stopped") {
        in_each(procpool::fn<stop>);
    } else if (script == "stopped, deaf") {
        in_each(procpool::fn<stop_without_hearing>);
    } else if (script == "stopped, nested") {
        in_each(procpool::fn<stop_with_pool_of_its_own>);
    } else if (script == "sending") {
        const auto result = pool.map_async([](int) { return return_much(); }, std::vector<int>(workers));
        for (;;)
            ::pause();
    }
    for (;;)
        ::pause();
}

/// Starts a parent, hears `count` process numbers, kills the parent and sees to it that all of them end.
void check(const std::string& script, std::size_t count) {
    BOOST_TEST_INFO_SCOPE(script);
    scripted_child parent(script);
    std::string heard;
    while (static_cast<std::size_t>(std::count(heard.begin(), heard.end(), '\n')) < count) {
        const auto some = parent.hear_some();
        BOOST_REQUIRE_MESSAGE(!some.empty(), "the parent ended: " << heard);
        heard += some;
    }
    std::vector<long> pids;
    std::istringstream numbers(heard);
    for (long pid = 0; numbers >> pid;)
        pids.push_back(pid);
    BOOST_TEST(pids.size() == count);
    if (script.starts_with("stopped"))
        for (const auto pid : pids)
            BOOST_TEST(eventually([&] { return find_process(pid).state == 'T'; }));
    ::kill(static_cast<pid_t>(os::pid(parent.process())), SIGKILL);
    BOOST_TEST(parent.wait_for_exit().signal_number.value() == SIGKILL);
    for (const auto pid : pids)
        BOOST_TEST(eventually([&] { return !is_alive(pid); }, 2s), "process " << pid << " lives on");
    BOOST_TEST(parent.hear_all() == ""); // nobody holds the line any more
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(parent_death, nothing_left_behind)

BOOST_AUTO_TEST_CASE(idle_workers_end) {
    check("idle", workers);
}

BOOST_AUTO_TEST_CASE(computing_workers_end) {
    check("computing", workers);
}

BOOST_AUTO_TEST_CASE(blocked_workers_end) {
    check("blocked", workers);
}

BOOST_AUTO_TEST_CASE(workers_with_threads_end) {
    check("threads", workers);
}

BOOST_AUTO_TEST_CASE(workers_in_the_middle_of_sending_end) {
    check("sending", workers);
}

BOOST_AUTO_TEST_CASE(the_workers_of_workers_end) {
    check("nested", 2 * workers);
}

BOOST_AUTO_TEST_CASE(programs_that_workers_started_end) {
    check("programs", 2 * workers);
}

BOOST_AUTO_TEST_CASE(programs_in_sessions_of_their_own_end) {
    check("sessions", 3 * workers);
}

BOOST_AUTO_TEST_CASE(forked_copies_of_workers_end) {
    check("copies", 2 * workers);
}

BOOST_AUTO_TEST_CASE(stopped_workers_end) {
    check("stopped", workers);
    check("stopped, deaf", workers);
}

BOOST_AUTO_TEST_CASE(stopped_workers_of_stopped_workers_end) {
    check("stopped, nested", 2 * workers);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
