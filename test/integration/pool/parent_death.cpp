// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "handshake/start_message.hpp"
#include "os/handles.hpp"
#include "support/bystander.hpp"
#include "support/environment.hpp"
#include "support/eventually.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/scripted_child.hpp"
#include "support/stopping_tasks.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#if !defined(_WIN32)
#include <csignal>

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

// The parent is killed: its workers and their children end soon after. A child plays the parent.
namespace os = procpool::os;
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t workers = 3;

/// The file for process numbers. All processes that the parent starts inherit the variable.
constexpr const char* told_variable = "PROCPOOL_TEST_TOLD";

/// Whether, and how, processes that the parent starts hang in main().
constexpr const char* hang_variable = "PROCPOOL_TEST_HANG";

void tell(long pid) {
    append_line(std::getenv(told_variable), std::to_string(pid));
}

void tell_pid() {
    tell(own_pid());
}

void compute() {
    tell_pid();
    for (std::atomic<std::uint64_t> n = 0;;)
        n.fetch_add(1, std::memory_order_relaxed);
}

void wait_for_ever() {
#if !defined(_WIN32)
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
#endif
    tell_pid();
    sleep_for_ever();
}

void start_thread_and_wait() {
    std::thread(compute).detach();
    sleep_for_ever();
}

void block_when_asked_to_stop() {
    const std::stop_callback on_stop(procpool::this_task::stop_token(), [] {
        tell_pid();
        sleep_for_ever();
    });
    tell_pid();
    sleep_for_ever();
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

#if !defined(_WIN32)

/// Starts a program in its own group and session, which must end nevertheless.
void start_program_in_a_session_of_its_own() {
    tell_pid();
    const std::string command = "setsid sh -c 'exec >>\"$PROCPOOL_TEST_TOLD\"; echo $$; trap \"\" HUP TERM; "
                                "sleep 300 & echo $!; wait'";
    static_cast<void>(!std::system(command.c_str()));
}

/// Makes a copy that has all handles of its worker, and ignores all signals.
void fork_stubborn_copy() {
    tell_pid();
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    if (::fork() == 0)
        tell_pid();
    sleep_for_ever();
}

void stop() {
    tell_pid();
    std::raise(SIGSTOP);
}

/// The worker does not even get the signal that it is an orphan.
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

#endif

void start_sleeping_program() {
    tell_pid();
    tell(start_bystander());
    sleep_for_ever();
}

/// Called instead of procpool::init().
void hang([[maybe_unused]] const std::string& how) {
    tell_pid();
#if !defined(_WIN32)
    if (how == "stopped")
        std::raise(SIGSTOP);
#endif
    sleep_for_ever();
}

/// The parent that will be killed.
int play(const std::string& script) {
    if (script == "hanging")
        set_environment(hang_variable, "waiting");
    else if (script == "stopped, hanging")
        set_environment(hang_variable, "stopped");
    procpool::pool pool(with_grace(workers, endless));
    std::vector<procpool::async_result<void>> results;
    const auto in_each = [&](auto task) {
        for (std::size_t i = 0; i != workers; ++i)
            results.push_back(pool.apply_async(task));
    };
    if (script == "idle") {
        for (const auto& each : pool.workers())
            tell(each.pid.value());
    } else if (script == "computing") {
        in_each(procpool::fn<compute>);
    } else if (script == "blocked") {
        in_each(procpool::fn<wait_for_ever>);
    } else if (script == "threads") {
        in_each(procpool::fn<start_thread_and_wait>);
    } else if (script == "stop callbacks") {
        in_each(procpool::fn<block_when_asked_to_stop>);
        wait_for_lines(std::getenv(told_variable), workers);
        for (auto& each : results)
            each.cancel();
    } else if (script == "nested") {
        in_each(procpool::fn<run_pool_of_its_own>);
    } else if (script == "programs") {
        in_each(procpool::fn<start_sleeping_program>);
#if !defined(_WIN32)
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
#endif
    } else if (script == "sending") {
        const auto result = pool.map_async([](int) { return return_much(); }, std::vector<int>(workers));
        sleep_for_ever();
    }
    sleep_for_ever();
}

/// Starts a parent, waits for `count` process numbers, kills the parent, and checks that all of the processes
/// end.
void check(const std::string& script, std::size_t count) {
    BOOST_TEST_INFO_SCOPE(script);
    const temporary_folder folder;
    const auto told = folder.file("told");
    scripted_child parent(script, {}, {{told_variable, told}});
    BOOST_REQUIRE(wait_for_lines(told, count));
    const auto pids = lines_of(told);
    BOOST_TEST(pids.size() == count);
    if (script.starts_with("stopped"))
        for (const auto& pid : pids)
            BOOST_TEST(eventually([&] { return is_stopped(std::stol(pid)); }));
    kill_process(os::pid(parent.process()));
    BOOST_TEST(was_killed(parent.wait_for_exit()));
    for (const auto& pid : pids)
        BOOST_TEST(eventually([&] { return !is_alive(std::stol(pid)); }, 2s),
                   "process " << pid << " lives on");
    BOOST_TEST(parent.hear_all() == ""); // no process has the line any more
}

#if !defined(_WIN32)
/// Starts this program as a worker of a process that has ended: the other end of its lifeline is closed.
/// Without init(), it would be a bystander.
pid_t start_orphan_of(pid_t parent) {
    const pid_t child = ::fork();
    if (child != 0)
        return child;
    namespace serving = procpool::serving;
    constexpr int first_inherited = 3; // the lifeline
    int ends[2];
    serving::start_message message;
    message.parent = parent;
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1 || ::dup2(ends[1], 100) == -1)
        ::_exit(98);
    ::close(ends[0]);
    ::close(ends[1]);
    if (::dup2(100, first_inherited) == -1)
        ::_exit(98);
    ::close(100);
    message.lifeline = os::inherited_identity(static_cast<std::size_t>(serving::inherited::lifeline));
    message.copy = serving::own_copy_identity();
    ::setenv(serving::worker_variable, serving::to_text(message).c_str(), 1);
    ::setenv(script_variable, bystander_script, 1);
    ::execl("/proc/self/exe", "program", static_cast<char*>(nullptr));
    ::_exit(97);
}
#endif

} // namespace

BOOST_FIXTURE_TEST_SUITE(parent_death, nothing_left_behind)

BOOST_AUTO_TEST_CASE(idle_workers_end) {
    check("idle", workers);
}

BOOST_AUTO_TEST_CASE(workers_that_have_not_come_to_init_end) {
    check("hanging", workers);
}

#if !defined(_WIN32) // lacks signals that stop
BOOST_AUTO_TEST_CASE(workers_that_are_stopped_before_init_end) {
    check("stopped, hanging", workers);
}
#endif

BOOST_AUTO_TEST_CASE(computing_workers_end) {
    check("computing", workers);
}

BOOST_AUTO_TEST_CASE(blocked_workers_end) {
    check("blocked", workers);
}

BOOST_AUTO_TEST_CASE(workers_whose_stop_callbacks_block_end) {
    check("stop callbacks", 2 * workers);
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

#if !defined(_WIN32) // lacks sessions that a program could leave
BOOST_AUTO_TEST_CASE(programs_in_sessions_of_their_own_end) {
    check("sessions", 3 * workers);
}
#endif

#if !defined(_WIN32) // lacks fork
BOOST_AUTO_TEST_CASE(forked_copies_of_workers_end) {
    check("copies", 2 * workers);
}
#endif

#if !defined(_WIN32) // ends workers from outside
BOOST_AUTO_TEST_CASE(a_worker_whose_parent_ended_before_init_does_not_go_on_as_the_program) {
    const pid_t gone = ::fork();
    if (gone == 0)
        ::_exit(0);
    BOOST_REQUIRE(::waitpid(gone, nullptr, 0) == gone);
    const pid_t worker = start_orphan_of(gone);
    int status = 0;
    BOOST_TEST(eventually([&] { return ::waitpid(worker, &status, WNOHANG) == worker; }));
    BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 1));
    ::kill(worker, SIGKILL); // if it continues
}
#endif

#if !defined(_WIN32) // lacks signals that could be ignored
BOOST_AUTO_TEST_CASE(stopped_workers_end) {
    check("stopped", workers);
    check("stopped, deaf", workers);
}
#endif

#if !defined(_WIN32) // lacks signals that could be ignored
BOOST_AUTO_TEST_CASE(stopped_workers_of_stopped_workers_end) {
    check("stopped, nested", 2 * workers);
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    if (const char* const how = std::getenv(hang_variable))
        hang(how);
    return pool_main(argc, argv, play);
}
