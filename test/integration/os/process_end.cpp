// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/process.hpp"

#include "os/self.hpp"
#include "support/bystander.hpp"
#include "support/scripted_child.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#if !defined(_WIN32)
#include <csignal>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

// How workers end, are killed, and what their parent learns about it.
namespace os = procpool::os;
using namespace procpool::test;

namespace {

// A worker that reacts to no request, and has a child process.
void be_stubborn_with_bystander() {
    start_bystander();
    say("ready");
    sleep_for_ever();
}

#if !defined(_WIN32)

// A process that does nothing, until it is killed or the test has failed.
[[noreturn]] void hang() {
    ::alarm(100);
    for (;;)
        ::pause();
}

// Starts a process that has all descriptors of the child.
pid_t start_grandchild() {
    const pid_t grandchild = ::fork();
    if (grandchild == 0)
        hang();
    return grandchild;
}

void be_a_host_that_ignores_its_children() {
    std::signal(SIGCHLD, SIG_IGN);
    scripted_child child("exit 9");
    const os::exit_report report = child.wait_for_exit();
    say(report.text + (report.exit_status || report.signal_number ? " with" : " without") + " a number");
}

void be_a_host_that_reaps_any_child() {
    scripted_child child("exit 9");
    ::waitpid(-1, nullptr, 0);
    say(child.wait_for_exit().text);
}

void be_a_host_without_a_free_descriptor() {
    boost::asio::io_context context;
    const os::lifeline_pair line = os::make_lifeline();
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int next = ::dup(0);
    ::close(next);
    const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
    const auto start = [&] {
        try {
            os::start_worker(context.get_executor(),
                             {"", {{script_variable, "hang"}}, {line.worker_end.get()}});
        } catch (...) {
            ::setrlimit(RLIMIT_NOFILE, &before);
            throw;
        }
    };
    // A sanitizer opens a pipe at its first look at a type: this error makes it look while pipes are left.
    try {
        os::lifeline{os::unique_handle()};
    } catch (const boost::system::system_error&) {
    }
    ::setrlimit(RLIMIT_NOFILE, &none);
    try {
        start();
        say("started");
    } catch (const boost::system::system_error& error) {
        say(error.code().value() == EMFILE ? "EMFILE" : error.what());
    }
    say(::waitpid(-1, nullptr, 0) == -1 && errno == ECHILD ? ", no child" : ", a child");
}

void be_stubborn(bool stopped) {
    for (int number = 1; number < NSIG; ++number)
        std::signal(number, SIG_IGN);
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
    start_grandchild();
    say("ready");
    if (stopped)
        ::raise(SIGSTOP);
    hang();
}

void end_with_own_group() {
    start_grandchild();
    os::end_own_tree(7);
}

// A process whose group has another leader ends alone.
void end_without_own_group() {
    const pid_t member = ::fork();
    if (member == 0)
        os::end_own_tree(7);
    int status = 0;
    ::waitpid(member, &status, 0);
    say("alive, " + os::describe_exit(status, true).text);
}

#endif

int play(const std::string& script) {
    const std::size_t space = std::min(script.rfind(' '), script.size());
    const auto number = [&] {
        return std::stoi(script.substr(space));
    };
    const std::map<std::string, std::function<void()>> scripts {
        {"exit",
         [&] {
             os::exit_now(number());
         }},
            {"be killed",
             [] {
                 kill_itself();
             }},
            {"hang",
             [] {
                 sleep_for_ever();
             }},
            {"be stubborn with bystander", be_stubborn_with_bystander},
#if !defined(_WIN32)
            {"be stubborn",
             [] {
                 be_stubborn(false);
             }},
            {"be stubborn and stopped",
             [] {
                 be_stubborn(true);
             }},
            {"leave an orphan",
             [] {
                 say(std::to_string(start_grandchild()));
             }},
            {"end with own group", end_with_own_group}, {"end without own group", end_without_own_group},
            {"host that ignores its children", be_a_host_that_ignores_its_children},
            {"host that reaps any child", be_a_host_that_reaps_any_child},
            {"host without a free descriptor", be_a_host_without_a_free_descriptor},
#endif
    };
    const auto found = scripts.find(script);
    (found != scripts.end() ? found->second : scripts.at(script.substr(0, space)))();
    return 0;
}

os::exit_report end_of(const std::string& script) {
    return scripted_child(script).wait_for_exit();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(process_end, nothing_left)

BOOST_AUTO_TEST_CASE(an_exit_with_9_is_told_from_a_kill) {
    BOOST_TEST(end_of("exit 9").text == "exited with status 9");
    BOOST_TEST(was_killed(end_of("be killed")));
#if !defined(_WIN32)
    BOOST_TEST(end_of("be killed").text == "was killed by signal 9 (Killed)");
#endif
    BOOST_TEST(end_of("exit 0").exit_status.value() == 0);
}

BOOST_AUTO_TEST_CASE(a_process_that_was_reaped_is_let_go) {
    scripted_child child("exit 0");
    BOOST_TEST(os::pid(child.process()) > 0);
    child.wait_for_exit();
    BOOST_TEST(os::pid(child.process()) == -1);
    os::kill_tree(child.process());
}

#if !defined(_WIN32) // lacks waitpid: nobody takes the status of a child away
BOOST_AUTO_TEST_CASE(a_status_that_the_host_took_is_unknown) {
    BOOST_TEST(answer_to("host that ignores its children") == "died, status unknown without a number");
    BOOST_TEST(answer_to("host that reaps any child") == "died, status unknown");
}
#endif

BOOST_AUTO_TEST_CASE(a_kill_of_the_tree_ends_what_a_worker_started) {
    scripted_child child("be stubborn with bystander");
    BOOST_TEST(child.hear_some() == "ready");
    const auto bystanders = children_of(os::pid(child.process()));
    BOOST_TEST_REQUIRE(bystanders.size() == 1U);
    os::kill_tree(child.process());
    BOOST_TEST(child.hear_all() == "");
    child.wait_for_exit();
    BOOST_TEST(eventually([&] { return !is_alive(bystanders[0]); }));
}

#if !defined(_WIN32) // lacks signals that could be ignored
BOOST_AUTO_TEST_CASE(nothing_survives_a_kill_of_the_tree) {
    for (const char* const how : {"be stubborn", "be stubborn and stopped"}) {
        scripted_child child(how);
        BOOST_TEST(child.hear_some() == "ready");
        os::kill_tree(child.process());
        BOOST_TEST(child.hear_all() == ""); // the end of file needs the grandchild's death too
        BOOST_TEST(child.wait_for_exit().signal_number.value() == SIGKILL);
    }
}
#endif

#if !defined(_WIN32) // lacks fork: a child has no handles that it was not given
BOOST_AUTO_TEST_CASE(a_grandchild_with_the_handles_does_not_hide_the_exit) {
    scripted_child child("leave an orphan");
    const pid_t grandchild = std::stoi(child.hear_some());
    BOOST_TEST(child.wait_for_exit().text == "exited with status 0");
    BOOST_TEST(::kill(grandchild, SIGKILL) == 0);
    BOOST_TEST(child.hear_all() == "");
}
#endif

BOOST_AUTO_TEST_CASE(a_process_that_is_dropped_is_ended) {
    os::lifeline_pair line = os::make_lifeline();
    boost::asio::io_context context;
    {
        [[maybe_unused]] const os::process dropped = os::start_worker(
            context.get_executor(), {"", {{script_variable, "hang"}}, {line.worker_end.get()}});
        line.worker_end.reset();
    }
    char byte = 0;
    BOOST_TEST(!os::lifeline(std::move(line.parent_end)).read(&byte, 1));
}

BOOST_AUTO_TEST_CASE(a_process_that_is_dropped_while_its_end_is_awaited_is_reaped) {
    const auto before = children_of(own_pid());
    boost::asio::io_context context;
    for (int round = 0; round != 10; ++round) {
        const os::lifeline_pair line = os::make_lifeline();
        os::process dropped = os::start_worker(context.get_executor(),
                                               {"", {{script_variable, "hang"}}, {line.worker_end.get()}});
        os::async_wait_exit(dropped, [] {}, [](const os::exit_report&) {});
    }
    BOOST_TEST(children_of(own_pid()) == before, boost::test_tools::per_element());
}

#if !defined(_WIN32) // lacks process groups
BOOST_AUTO_TEST_CASE(a_worker_ends_its_own_tree_and_no_other) {
    scripted_child leader("end with own group");
    BOOST_TEST(leader.hear_all() == "");
    BOOST_TEST(leader.wait_for_exit().signal_number.value() == SIGKILL);
    BOOST_TEST(answer_to("end without own group") == "alive, exited with status 7");
}
#endif

#if !defined(_WIN32) // lacks a limit on the number of handles
BOOST_AUTO_TEST_CASE(a_worker_that_cannot_be_watched_is_not_left_behind) {
    BOOST_TEST(answer_to("host without a free descriptor") == "EMFILE, no child");
}
#endif

BOOST_AUTO_TEST_CASE(a_threaded_parent_starts_two_hundred) {
    std::atomic<int> right = 0;
    std::atomic<bool> done = false;
    std::thread allocating([&] {
        while (!done)
            std::string(1000, 'x').swap(*std::make_unique<std::string>());
    });
    std::vector<std::thread> starting;
    for (int i = 0; i < 4; ++i) {
        starting.emplace_back([&, i] {
            for (int n = 0; n < 50; ++n)
                right += end_of("exit " + std::to_string(i)).exit_status == i ? 1 : 0;
        });
    }
    for (std::thread& thread : starting)
        thread.join();
    done = true;
    allocating.join();
    BOOST_TEST(right == 200);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return integration_main(argc, argv, play);
}
