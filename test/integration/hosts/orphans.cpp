// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/host_programs.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pid_namespace.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// Programs that adopt orphans: the first process of a container, and subreapers. A child plays each program;
// its last word is "done".
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

void say_own_number(const std::string& file) {
    append_line(file, std::to_string(::getpid()));
}

/// Starts a process in the worker's process group, without a parent.
void start_orphan(const std::string& file) {
    const pid_t between = ::fork();
    if (between == 0) {
        if (::fork() == 0) {
            say_own_number(file);
            ::alarm(60);
            for (;;)
                ::pause();
        }
        ::_exit(0);
    }
    ::waitpid(between, nullptr, 0);
}

/// Starts a process in its own session, with a child.
void start_session(const std::string& file) {
    if (::fork() != 0)
        return;
    ::setsid();
    if (::fork() == 0)
        say_own_number(file);
    ::alarm(60);
    for (;;)
        ::pause();
}

void start_all_and_hang(const std::string& file) {
    start_orphan(file);
    start_session(file);
    sleep_for_ever();
}

void start_all_and_die(const std::string& file) {
    start_orphan(file);
    wait_for_lines(file, 1);
    kill_itself();
}

bool has_children() {
    siginfo_t ignored;
    return ::waitid(P_ALL, 0, &ignored, WEXITED | WNOHANG | WNOWAIT) == 0;
}

void lose_workers_that_started_much() {
    const temporary_folder folder;
    {
        procpool::pool pool({.processes = 2, .terminate_grace = 5ms});
        for (int round = 0; round != 6; ++round) {
            const auto file = folder.file("hanging" + std::to_string(round));
            try {
                pool.apply_async(procpool::call_options{.timeout = 50ms}, procpool::fn<start_all_and_hang>,
                                 file)
                    .get(patience);
                say("a time-out did not come\n");
            } catch (const procpool::task_timeout&) {
            }
        }
        const auto file = folder.file("dying");
        try {
            pool.apply(procpool::fn<start_all_and_die>, file);
            say("a death was not seen\n");
        } catch (const procpool::worker_lost&) {
        }
        pool.close();
        pool.join();
    }
    expect(!has_children(), "nothing is left to be reaped");
}

/// The program also has children of its own.
int play_inside(const std::string& who) {
    if (who == "subreaper")
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    else if (::getpid() != 1)
        say("not so: it is the first process\n");
    lose_workers_that_started_much();
    const pid_t own = ::fork();
    if (own == 0)
        ::_exit(5);
    {
        procpool::pool pool(2);
        use(pool);
    }
    int status = 0;
    expect(::waitpid(own, &status, 0) == own && WEXITSTATUS(status) == 5, "its own child is its own to reap");
    return 0;
}

int play(const std::string& script) {
    int status = 0;
    if (script == "first process")
        status = status_in_pid_namespace("inside");
    else
        status = play_inside(script);
    if (script != "inside")
        say(status == 0 ? "done\n" : "it ended with " + std::to_string(status) + '\n');
    return 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(orphans, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_subreaper_is_left_with_nothing_to_reap) {
    BOOST_TEST(answer_to("subreaper") == "done\n");
}

BOOST_AUTO_TEST_CASE(the_first_process_of_a_namespace_is_left_with_nothing_to_reap) {
    if (const auto why = obstacle_to_pid_namespaces()) {
        BOOST_WARN_MESSAGE(false, *why);
        return;
    }
    BOOST_TEST(answer_to("first process") == "done\n");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
