// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

// Tasks that fork, start threads, and leave processes and threads behind.
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

int add_one(int n) {
    return n + 1;
}

/// Makes a copy that has all handles of the worker, and lives on without it.
void die_before_a_copy(const std::string& file) {
    if (::fork() == 0) {
        ::setsid();
        append_line(file, std::to_string(::getpid()));
        for (;;)
            ::pause();
    }
    wait_for_lines(file, 1);
    std::raise(SIGKILL);
}

/// Makes a copy that stays in the worker's process group, and has all handles.
void start_copy_and_die(const std::string& file, bool by_signal) {
    if (::fork() == 0) {
        append_line(file, std::to_string(::getpid()));
        ::alarm(60);
        for (;;)
            ::pause();
    }
    wait_for_lines(file, 1);
    if (by_signal)
        std::raise(SIGKILL);
    ::_exit(3);
}

enum class way { returns, throws, exits, ends };

/// The copy leaves the task; the worker returns how the copy ended.
int leave_as_a_copy_first(way how, int n) {
    const auto copy = ::fork();
    if (copy == 0) {
        switch (how) {
        case way::returns:
            return -1;
        case way::throws:
            throw std::domain_error("in the copy");
        case way::exits:
            std::exit(2);
        case way::ends:
            ::_exit(3);
        }
    }
    int status = 0;
    if (::waitpid(copy, &status, 0) != copy || !WIFEXITED(status))
        return -2;
    return n * 10 + WEXITSTATUS(status);
}

std::string text_of_a_copy(const std::string& text) {
    const auto copy = ::fork();
    if (copy == 0)
        return "the copy's";
    ::waitpid(copy, nullptr, 0);
    return text;
}

void exit_in_another_thread() {
    std::thread([] { std::exit(8); }).detach();
    for (;;)
        ::pause();
}

void start_program_in_a_session_of_its_own(const std::string& file) {
    append_line(file, std::to_string(::getpid()));
    const std::string command = "setsid sh -c 'echo $$ >>" + file + "; exec sleep 300'";
    static_cast<void>(!std::system(command.c_str()));
}

bool all_gone(const std::vector<std::string>& pids) {
    return std::none_of(pids.begin(), pids.end(), [](const auto& each) { return is_alive(std::stol(each)); });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(task_forks, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_copy_that_keeps_all_handles_does_not_hide_a_death) {
    const temporary_folder folder;
    {
        procpool::pool pool(1);
        const auto lost = pool.apply_async(procpool::fn<die_before_a_copy>, folder.file("copies"));
        try {
            lost.get(patience);
            BOOST_ERROR("nothing was thrown");
        } catch (const procpool::worker_lost& caught) {
            BOOST_TEST((caught.signal_number() == SIGKILL));
        }
        BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
    }
    // The pool does not kill a process that has left the worker's group, and whose worker has ended
    // unnoticed.
    const auto copies = lines_of(folder.file("copies"));
    BOOST_REQUIRE(copies.size() == 1U);
    ::kill(static_cast<pid_t>(std::stol(copies[0])), SIGKILL);
    BOOST_TEST(eventually([&] { return all_gone(copies); }));
}

BOOST_AUTO_TEST_CASE(a_copy_in_the_group_of_a_worker_ends_with_it) {
    for (const bool by_signal : {true, false}) {
        const temporary_folder folder;
        const auto file = folder.file("copies");
        procpool::pool pool(1);
        const auto lost = pool.apply_async(procpool::fn<start_copy_and_die>, file, by_signal);
        BOOST_CHECK_THROW(lost.get(patience), procpool::worker_lost);
        BOOST_TEST(eventually([&] { return all_gone(lines_of(file)); }));
        BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
    }
}

BOOST_AUTO_TEST_CASE(a_copy_ends_where_its_task_does) {
    procpool::pool pool(2);
    for (const auto& [how, status] : {std::pair(way::returns, 1), std::pair(way::throws, 1),
                                      std::pair(way::exits, 2), std::pair(way::ends, 3)})
        for (int n = 0; n != 5; ++n)
            BOOST_TEST(pool.apply(procpool::fn<leave_as_a_copy_first>, how, n) == n * 10 + status);
}

BOOST_AUTO_TEST_CASE(copies_answer_for_no_item) {
    procpool::pool pool(2);
    const std::vector<int> numbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    BOOST_TEST((pool.map([](int n) { return leave_as_a_copy_first(way::returns, n); }, numbers,
                         {.chunk_size = 5}) == std::vector{1, 11, 21, 31, 41, 51, 61, 71, 81, 91}));
    const std::string text(100'000, 't');
    BOOST_TEST((pool.map(procpool::fn<text_of_a_copy>, std::vector(6, text), {.chunk_size = 3}) ==
                std::vector(6, text)));
    BOOST_TEST(pool.map_reduce([](int n) { return leave_as_a_copy_first(way::throws, n); }, numbers,
                               [](int a, int b) { return a + b; }, 0) == 460);
}

BOOST_AUTO_TEST_CASE(exit_in_another_thread_is_the_death_of_the_task) {
    procpool::pool pool(1);
    try {
        pool.apply(procpool::fn<exit_in_another_thread>);
        BOOST_ERROR("nothing was thrown");
    } catch (const procpool::worker_lost& caught) {
        BOOST_TEST((caught.exit_status() == 8), caught.what());
    }
    BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
}

BOOST_AUTO_TEST_CASE(a_session_of_its_own_saves_no_program) {
    for (const bool cancelled : {false, true}) {
        BOOST_TEST_INFO_SCOPE((cancelled ? "cancelled" : "terminated"));
        const temporary_folder folder;
        const auto file = folder.file("pids");
        procpool::pool pool(procpool::pool_options{.processes = 1, .terminate_grace = 10ms});
        auto result = pool.apply_async(procpool::fn<start_program_in_a_session_of_its_own>, file);
        BOOST_REQUIRE(wait_for_lines(file, 2));
        if (cancelled)
            BOOST_TEST(result.cancel());
        else
            pool.terminate();
        BOOST_TEST(eventually([&] { return all_gone(lines_of(file)); }));
    }
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
