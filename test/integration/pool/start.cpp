// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/environment.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/process_control.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#if !defined(_WIN32)
#include <sys/resource.h>
#endif

// How pools start, and the errors of programs that use them wrongly. Children play those programs; their
// workers learn from the inherited script what to do wrong.
namespace os = procpool::os;
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// In a child: makes a pool whose workers play `script`, and reports how that fails and what is left.
void make_pool_of(const std::string& script, procpool::pool_options options) {
    set_environment(script_variable, script);
    const auto before = belongings::after_a_thread();
    const auto begin = std::chrono::steady_clock::now();
    try {
        const procpool::pool pool(options);
        say("started\n");
    } catch (const procpool::start_failed& caught) {
        say(std::string("start_failed: ") + caught.what() + '\n');
    }
    const auto took = std::chrono::steady_clock::now() - begin;
    say(took < 10s ? "soon\n" : "late\n");
    if (took >= options.start_timeout)
        say("after the time-out\n");
    say(eventually([&] { return belongings::now() == before; }) ? "clean\n" : "something is left\n");
}

int make_pool_without_init() {
    try {
        const procpool::pool pool(2);
        say("started");
    } catch (const std::logic_error& caught) {
        say(caught.what());
        return 7;
    }
    return 0;
}

#if !defined(_WIN32)
int make_pool_with_few_descriptors(rlim_t descriptors) {
    procpool::init();
    const rlimit few{descriptors, descriptors};
    ::setrlimit(RLIMIT_NOFILE, &few);
    make_pool_of("serve", {.processes = 30});
    return 0;
}
#endif

/// Also runs in a worker that has inherited the script: before, or instead of, init().
int play(const std::string& script, const std::string& title) {
    if (script == "serve") {
        procpool::init();
        return 1;
    }
    if (script == "return")
        return 0;
    if (script == "abort") {
#if !defined(_WIN32)
        const rlimit no_core{0, 0};
        ::setrlimit(RLIMIT_CORE, &no_core);
#endif
        std::abort();
    }
    if (script == "hang")
        sleep_for_ever();
    if (script == "fail as the third") {
        if (contains(title, "[procpool worker 2]"))
            return 9;
        procpool::init();
    }
    if (script == "make a pool instead") {
        try {
            const procpool::pool pool(2);
        } catch (const std::logic_error& caught) {
            return contains(caught.what(), "worker") && contains(caught.what(), "procpool::init") ? 77 : 78;
        }
        return 79;
    }
    if (script == "no init")
        return make_pool_without_init();
#if !defined(_WIN32)
    if (script == "few descriptors")
        return make_pool_with_few_descriptors(40);
    if (script == "hardly any descriptors")
        return make_pool_with_few_descriptors(static_cast<rlim_t>(open_descriptors().back()) + 3);
#endif
    if (script.starts_with("host of ")) {
        procpool::init();
        make_pool_of(script.substr(8), {.processes = 5});
        return 0;
    }
    if (script == "impatient host") {
        procpool::init();
        make_pool_of("hang", {.processes = 2, .start_timeout = 100ms});
        return 0;
    }
    return 98;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(start, nothing_left_behind)

BOOST_AUTO_TEST_CASE(constructed_means_started) {
    const procpool::pool pool(3);
    const auto workers = pool.workers();
    BOOST_TEST(workers.size() == 3U);
    for (std::size_t i = 0; i != workers.size(); ++i) {
        BOOST_TEST(workers[i].index == i);
        BOOST_TEST(is_alive(workers[i].pid.value()));
        BOOST_TEST(!workers[i].busy);
        BOOST_TEST(workers[i].tasks_done == 0U);
    }
    BOOST_TEST(pool.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_pool_has_a_worker_for_each_usable_cpu_unless_told_otherwise) {
    BOOST_TEST(procpool::default_processes() >= 1U);
    const procpool::pool pool;
    BOOST_TEST(pool.size() == procpool::default_processes());
}

BOOST_AUTO_TEST_CASE(numbers_that_make_no_sense_are_refused) {
    BOOST_CHECK_THROW(procpool::pool(0U), std::invalid_argument);
    BOOST_CHECK_THROW(procpool::pool{std::numeric_limits<std::size_t>::max()}, std::invalid_argument);
    BOOST_CHECK_THROW(procpool::pool({.processes = 1'000'000}), std::invalid_argument);
    BOOST_CHECK_THROW(procpool::pool({.processes = 1, .start_timeout = 0s}), std::invalid_argument);
    BOOST_CHECK_THROW(procpool::pool({.processes = 1, .start_timeout = -1s}), std::invalid_argument);
    BOOST_CHECK_NO_THROW(procpool::pool({.processes = 1, .start_timeout = std::chrono::nanoseconds::max()}));
}

BOOST_AUTO_TEST_CASE(two_pools_live_side_by_side) {
    procpool::pool one(2);
    procpool::pool two(2);
    const auto who = [] {
        return own_pid();
    };
    BOOST_TEST(one.apply(who) != two.apply(who));
    one.terminate();
    BOOST_TEST(two.apply([](int n) { return n; }, 1) == 1);
}

BOOST_AUTO_TEST_CASE(without_init_there_is_no_pool) {
    scripted_child child("no init");
    BOOST_TEST(contains(child.hear_all(), "procpool::init"));
    BOOST_TEST(child.wait_for_exit().exit_status.value() == 7);
}

BOOST_AUTO_TEST_CASE(workers_that_return_without_init_are_a_failure_in_words) {
    const auto answer = answer_to("host of return");
    BOOST_TEST(contains(answer, "start_failed"), answer);
    BOOST_TEST(contains(answer, "procpool::init"), answer);
    BOOST_TEST(contains(answer, "soon"), answer);
    BOOST_TEST(contains(answer, "clean"), answer);
}

BOOST_AUTO_TEST_CASE(workers_that_make_pools_instead_start_no_others) {
    const auto answer = answer_to("host of make a pool instead");
    BOOST_TEST(contains(answer, "made a pool before it called procpool::init()"), answer);
    BOOST_TEST(contains(answer, "soon"), answer);
    BOOST_TEST(contains(answer, "clean"), answer);
}

BOOST_AUTO_TEST_CASE(a_worker_that_dies_before_init_says_how) {
    const auto answer = answer_to("host of abort");
    BOOST_TEST(contains(answer, "start_failed"), answer);
#if defined(_WIN32)
    BOOST_TEST((contains(answer, "status 3") || contains(answer, "abort()")), answer);
#else
    BOOST_TEST(contains(answer, "signal 6"), answer);
#endif
    BOOST_TEST(contains(answer, "clean"), answer);
}

BOOST_AUTO_TEST_CASE(if_the_third_of_five_fails_the_others_are_gone) {
    const auto answer = answer_to("host of fail as the third");
    BOOST_TEST(contains(answer, "Worker 2 could not be started"), answer);
    BOOST_TEST(contains(answer, "exited with status 9"), answer);
    BOOST_TEST(contains(answer, "soon"), answer);
    BOOST_TEST(contains(answer, "clean"), answer);
}

BOOST_AUTO_TEST_CASE(workers_that_hang_are_given_up_after_the_start_timeout) {
    const auto answer = answer_to("impatient host");
    BOOST_TEST(contains(answer, "start_failed"), answer);
    BOOST_TEST(contains(answer, "start_timeout"), answer);
    BOOST_TEST(contains(answer, "after the time-out"), answer);
    BOOST_TEST(contains(answer, "soon"), answer);
    BOOST_TEST(contains(answer, "clean"), answer);
}

#if !defined(_WIN32) // lacks a limit on the number of handles
BOOST_AUTO_TEST_CASE(a_lack_of_descriptors_is_a_failure_that_leaves_nothing) {
    for (const auto* script : {"few descriptors", "hardly any descriptors"}) {
        const auto answer = answer_to(script);
        BOOST_TEST(contains(answer, "start_failed"), answer);
        BOOST_TEST(contains(answer, "clean"), answer);
    }
}
#endif

BOOST_AUTO_TEST_CASE(the_variable_that_makes_workers_is_reserved) {
    scripted_child child("serve", {}, {{"PROCPOOL_WORKER", "not from a pool"}});
    BOOST_TEST(child.hear_all().empty());
    BOOST_TEST(child.wait_for_exit().exit_status.value() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    if (const auto script = os::take_environment(script_variable))
        return play(*script, argv[0]);
    procpool::init();
    return procpool::test::run_tests(argc, argv);
}
