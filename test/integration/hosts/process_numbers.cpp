// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/host_programs.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pid_namespace.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

// Process numbers that get to belong to other processes, since the host program, or the kernel for it, reaps
// children; and numbers that mean other processes in /proc, which belongs to another PID namespace. A child
// plays each program, as process 1 of a namespace; its last word is "done".
namespace os = procpool::os;
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

[[noreturn]] void hang() {
    ::alarm(60);
    for (;;)
        ::pause();
}

/// Starts a child of the program, which the pool must neither end nor wait for. The system may keep the
/// number in use for a moment after its last process is gone.
pid_t start_stranger(long number) {
    pid_t stranger = 0;
    const bool done = eventually([&] {
        choose_next_number(number);
        stranger = ::fork();
        if (stranger == 0) {
            ::setpgid(0, 0);
            hang();
        }
        if (stranger == number)
            return true;
        ::kill(stranger, SIGKILL);
        ::waitpid(stranger, nullptr, 0);
        return false;
    });
    expect(done, "the stranger has the number");
    ::setpgid(stranger, stranger);
    return stranger;
}

bool lives(pid_t child) {
    siginfo_t end{};
    return ::kill(child, 0) == 0 &&
           (::waitid(P_PID, static_cast<id_t>(child), &end, WEXITED | WNOHANG | WNOWAIT) == -1 ||
            end.si_pid == 0);
}

/// A worker has ended, and was not reaped by the pool; then another process gets its number.
void reuse_number(bool ignores_children, bool dropped) {
    if (ignores_children)
        std::signal(SIGCHLD, SIG_IGN);
    pid_t stranger = 0;
    {
        const temporary_folder folder;
        const auto go = folder.file("go");
        scripted_child child("exit after " + go);
        const auto number = os::pid(child.process()); // -1 if it had ended already
        append_line(go, "");
        child.hear_all();
        if (ignores_children)
            expect(eventually([&] { return ::kill(static_cast<pid_t>(number), 0) == -1; }), "it is reaped");
        else
            expect(::waitpid(-1, nullptr, 0) == number, "it can be reaped");
        stranger = start_stranger(number);
        os::kill_tree(child.process());
        expect(lives(stranger), "a kill of the worker leaves the stranger alone");
        if (!dropped)
            expect(child.wait_for_exit().text == "died, status unknown",
                   "the pool does not wait for the stranger");
    }
    expect(lives(stranger), "the stranger is left alone");
    ::kill(stranger, SIGKILL);
}

pid_t start_program_in_a_session_of_its_own() {
    const pid_t program = ::fork();
    if (program == 0) {
        ::setsid();
        hang();
    }
    return program;
}

long start_and_hang(const std::string& file) {
    append_line(file, std::to_string(start_program_in_a_session_of_its_own()));
    sleep_for_ever();
}

/// Outside there is a process with one child. Here, a worker has the number of the outer process, and a
/// stranger has that of the child.
void have_a_foreign_proc(long outer_parent, long outer_child, const std::string& file) {
    const auto stranger = start_stranger(outer_child);
    long ahead = 1; // the pool has a thread, too
    for (int round = 0; round != 20; ++round) {
        choose_next_number(outer_parent - ahead);
        procpool::pool pool({.processes = 1, .terminate_grace = 10ms});
        const auto worker = pids_of(pool)[0];
        if (worker != outer_parent) {
            ahead += worker - outer_parent;
            continue;
        }
        const auto running =
            pool.apply_async(procpool::call_options{.timeout = 100ms}, procpool::fn<start_and_hang>, file);
        try {
            running.get(patience);
            say("a time-out did not come\n");
        } catch (const procpool::task_timeout&) {
        }
        expect(lives(stranger), "a time-out leaves the stranger alone");
        const auto program = static_cast<pid_t>(std::stol(lines_of(file).at(0)));
        expect(eventually([&] { return ::kill(program, 0) == -1; }), "what the task started is ended");
        pool.terminate();
        expect(lives(stranger), "the end of the pool leaves the stranger alone");
        ::kill(stranger, SIGKILL);
        return;
    }
    say("no worker got the number\n");
}

void play_in_namespace(const std::string& script) {
    if (script == "ignores children")
        reuse_number(true, false);
    else if (script == "ignores children, drops")
        reuse_number(true, true);
    else if (script == "reaps any child")
        reuse_number(false, false);
    else if (script == "reaps any child, drops")
        reuse_number(false, true);
    else {
        std::istringstream words(script);
        long outer_parent = 0;
        long outer_child = 0;
        std::string file;
        words >> outer_parent >> outer_child >> file;
        have_a_foreign_proc(outer_parent, outer_child, file);
    }
}

int play(const std::string& script) {
    const std::string inside = "inside: ";
    if (const std::string exit_after = "exit after "; script.starts_with(exit_after))
        return wait_for_file(script.substr(exit_after.size())) ? 0 : 1;
    if (script.starts_with(inside)) {
        play_in_namespace(script.substr(inside.size()));
        return 0;
    }
    std::string what = script;
    if (const std::string foreign = "foreign /proc "; script.starts_with(foreign)) {
        const pid_t child = ::fork(); // before the namespace for children is changed
        if (child == 0)
            hang();
        what = std::to_string(::getpid()) + ' ' + std::to_string(child) + ' ' + script.substr(foreign.size());
    }
    const int status = status_in_pid_namespace(inside + what);
    say(status == 0 ? "done\n" : "it ended with " + std::to_string(status) + '\n');
    ::kill(0, SIGKILL);
    return 0;
}

std::string answer_of(const std::string& script) {
    scripted_child program(script);
    const auto answer = program.hear_all();
    program.wait_for_exit();
    return answer;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(process_numbers, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_number_that_a_worker_had_is_left_alone_where_children_are_ignored) {
    BOOST_TEST(answer_of("ignores children") == "done\n");
    BOOST_TEST(answer_of("ignores children, drops") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_number_that_a_worker_had_is_left_alone_where_the_program_reaps_any_child) {
    BOOST_TEST(answer_of("reaps any child") == "done\n");
    BOOST_TEST(answer_of("reaps any child, drops") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_number_of_another_namespace_is_not_taken_for_a_process_of_this_one) {
    const temporary_folder folder;
    BOOST_TEST(answer_of("foreign /proc " + folder.file("program")) == "done\n");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    procpool::init();
    if (std::getenv(script_variable) == nullptr) {
        if (const auto why = obstacle_to_pid_namespaces()) {
            std::cout << "not run here: " << *why << '\n';
            return not_run_here;
        }
    }
    return pool_main(argc, argv, play);
}
