// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/environment.hpp"
#include "support/host_programs.hpp"
#include "support/integration_main.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/scripted_child.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include <fcntl.h>
#include <unistd.h>

// The orderly end of a worker, in programs that observe it. A child plays each program; its last word is
// "done".
using namespace procpool::test;

namespace {

/// The file for reports of processes. All processes that a program starts inherit the variable.
constexpr const char* told_variable = "PROCPOOL_TEST_TOLD";

void tell(const std::string& what) {
    if (const char* const file = std::getenv(told_variable);
        file != nullptr && procpool::this_worker::active())
        append_line(file, what);
}

} // namespace

// As in a program that was built for coverage, with profiles, or to look for leaks.
extern "C" {
void __gcov_dump() {
    tell("coverage");
}
int __llvm_profile_write_file() {
    tell("profile");
    return 0;
}
#if !defined(PROCPOOL_SANITIZED)
void __lsan_do_leak_check() {
    tell("leaks");
}
#endif
}

namespace {

std::size_t times_told(const std::string& file, const std::string& what) {
    const auto lines = lines_of(file);
    return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), what));
}

void expect_words_of(std::size_t workers, const std::string& file, const std::string& after) {
    expect(times_told(file, "coverage") == workers, "coverage is written after " + after);
    expect(times_told(file, "profile") == workers, "a profile is written after " + after);
}

void end_in_order() {
    const temporary_folder folder;
    const auto file = folder.file("told");
    set_environment(told_variable, file);
    procpool::pool_options options;
    options.processes = 1;
    options.max_tasks_per_worker = 1;
    {
        procpool::pool pool(options);
        for (int n = 0; n != 3; ++n)
            pool.apply(procpool::fn<add_one>, n);
        pool.close();
        pool.join();
        // Includes the worker that was started ahead.
        const auto ended = times_told(file, "coverage");
        expect(ended == 3 || ended == 4, "each of the workers wrote its coverage");
        expect_words_of(ended, file, "close");
#if !defined(PROCPOOL_SANITIZED)
        expect(times_told(file, "leaks") >= 3, "leaks are looked for");
#endif
    }
    set_environment(told_variable, folder.file("resize"));
    {
        procpool::pool pool(3);
        pool.resize(1);
        expect(wait_for_lines(folder.file("resize"), 4), "those that were too many wrote theirs");
        pool.broadcast(procpool::fn<add_one>, 1);
    }
    expect_words_of(3, folder.file("resize"), "the end of the pool");
}

void print() {
    std::printf("printed\n");
    std::cout << "streamed\n";
}

/// Standard output is a file, so lines are not flushed.
void print_and_drop_the_pool() {
    const temporary_folder folder;
    const auto before = ::dup(STDOUT_FILENO);
    const auto file = ::open(folder.file("out").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file, STDOUT_FILENO);
    {
        procpool::pool pool(2);
        pool.broadcast(procpool::fn<print>);
    }
    ::dup2(before, STDOUT_FILENO);
    expect(times_told(folder.file("out"), "printed") == 2, "what was printed appears");
    expect(times_told(folder.file("out"), "streamed") == 2, "and what was streamed");
}

void stream_to_the_full() {
    std::ios::sync_with_stdio(false);
    std::cout.exceptions(std::ios::badbit);
    std::cout << "streamed\n";
}

void have_a_full_disk(bool closes) {
    const temporary_folder folder;
    set_environment(told_variable, folder.file("told"));
    const auto before = ::dup(STDOUT_FILENO);
    ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO);
    {
        procpool::pool pool(2);
        pool.broadcast(procpool::fn<stream_to_the_full>);
        if (closes) {
            pool.close();
            pool.join();
        }
    }
    ::dup2(before, STDOUT_FILENO);
    expect(times_told(folder.file("told"), "came back") == 0, "no worker comes back from init()");
    expect_words_of(2, folder.file("told"), "a stream failed");
}

const std::map<std::string, std::function<void()>> scripts{
    {"ends in order", end_in_order},
    {"prints and drops the pool", print_and_drop_the_pool},
    {"has a full disk and closes",
     [] {
         have_a_full_disk(true);
     }},
    {"has a full disk and drops the pool",
     [] {
         have_a_full_disk(false);
     }},
};

int play(const std::string& script) {
    scripts.at(script)();
    say("done\n");
    return 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(orderly_end, nothing_left_behind)

BOOST_AUTO_TEST_CASE(coverage_and_profiles_are_written_and_leaks_looked_for) {
    BOOST_TEST(answer_to("ends in order") == "done\n");
}

BOOST_AUTO_TEST_CASE(what_idle_workers_have_in_buffers_appears_when_the_pool_is_dropped) {
    BOOST_TEST(answer_to("prints and drops the pool") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_worker_ends_though_its_streams_throw) {
    BOOST_TEST(answer_to("has a full disk and closes") == "done\n");
    BOOST_TEST(answer_to("has a full disk and drops the pool") == "done\n");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    // A program that catches every exception, and continues.
    try {
        procpool::init();
    } catch (...) {
    }
    if (procpool::this_worker::active()) {
        tell("came back");
        return 9;
    }
    return integration_main(argc, argv, play);
}
