// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/bystander.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// The initializer of workers: it runs once in each process, before any task, and its failure is the pool's.
namespace {

using namespace procpool::test;
using namespace std::chrono_literals;
using procpool::bind;
using procpool::fn;

int prepared = 0; // in a worker: how often it ran, and with which argument
std::string prepared_with;

void prepare(const std::string& log, const std::string& with) {
    append_line(log, std::to_string(procpool::this_worker::index()) + ' ' + std::to_string(own_pid()));
    ++prepared;
    prepared_with = with;
}

struct state {
    int times = 0;
    std::string with;
    long pid = 0;
};
state prepared_state() {
    return {prepared, prepared_with, own_pid()};
}

void sleep_for(std::int64_t milliseconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

enum class trouble { exception, number, exit, abort, hang };

/// Fails in worker 1, in the given way.
void get_into(trouble what, const std::string& text) {
    if (procpool::this_worker::index() != 1)
        return;
    switch (what) {
    case trouble::exception:
        throw std::invalid_argument(text);
    case trouble::number:
        throw 42;
    case trouble::exit:
        std::exit(3);
    case trouble::abort:
        kill_itself();
        return;
    case trouble::hang:
        sleep_for_ever();
    }
}

/// The text of the start_failed that a pool of three throws if its initializer fails.
std::string error_text(trouble what, std::chrono::nanoseconds start_timeout = patience) {
    try {
        const procpool::pool pool({.processes = 3,
                                   .initializer = bind(fn<get_into>, what, "the database is down"),
                                   .start_timeout = start_timeout});
    } catch (const procpool::start_failed& caught) {
        BOOST_TEST((caught.code() == procpool::errc::start_failed));
        return caught.what();
    }
    return "nothing was thrown";
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(initializer, nothing_left_behind)

BOOST_AUTO_TEST_CASE(it_has_run_once_in_every_worker_when_the_pool_is_made) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    procpool::pool pool({.processes = 3, .initializer = bind(fn<prepare>, log, "something")});
    auto lines = lines_of(log);
    std::sort(lines.begin(), lines.end());
    std::vector<std::string> expected;
    for (const auto& each : pool.workers()) {
        expected.push_back(std::to_string(each.index) + ' ' + std::to_string(each.pid.value()));
        BOOST_TEST(each.tasks_done == 0U); // the initializer is not a task
        BOOST_TEST(!each.busy);
    }
    BOOST_TEST(lines == expected, boost::test_tools::per_element());
    for (int i = 0; i != 50; ++i) {
        const auto found = pool.apply(fn<prepared_state>);
        BOOST_TEST(found.times == 1);
        BOOST_TEST(found.with == "something");
    }
    BOOST_TEST(lines_of(log).size() == 3U);
}

BOOST_AUTO_TEST_CASE(it_runs_in_a_replacement_too_before_the_first_task) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    procpool::pool pool({.processes = 1, .initializer = bind(fn<prepare>, log, "again")});
    for (std::size_t deaths = 1; deaths != 5; ++deaths) {
        auto dies = pool.apply_async([] { kill_itself(); });
        auto next = pool.apply_async(fn<prepared_state>); // waits for the replacement
        BOOST_CHECK_THROW(dies.get(), procpool::worker_lost);
        BOOST_TEST(next.get().times == 1);
        BOOST_TEST(next.get().with == "again");
        const auto lines = lines_of(log);
        BOOST_TEST(lines.size() == deaths + 1);
        BOOST_TEST(lines.back() == "0 " + std::to_string(next.get().pid));
    }
    const auto idle = pool.workers()[0].pid.value();
    kill_process(idle);
    BOOST_TEST(is_replaced(pool, 0, idle));
    BOOST_TEST(pool.apply(fn<prepared_state>).times == 1);
}

BOOST_AUTO_TEST_CASE(it_takes_any_bound_task_with_arguments_of_any_size) {
    const std::string much(5'000'000, 'm');
    const auto keep = [](const std::string& what) {
        prepared_with = what;
        return what; // dropped
    };
    procpool::pool pool({.processes = 2, .initializer = bind(keep, much)});
    BOOST_CHECK_THROW(pool.apply([] { kill_itself(); }), procpool::worker_lost);
    for (int i = 0; i != 6; ++i)
        BOOST_TEST((pool.apply(fn<prepared_state>).with == much));
}

BOOST_AUTO_TEST_CASE(options_may_be_used_for_several_pools) {
    const temporary_folder folder;
    const procpool::pool_options options{.processes = 2,
                                         .initializer = bind(fn<prepare>, folder.file("log"), "x")};
    procpool::pool one(options);
    procpool::pool other(options);
    BOOST_TEST(one.apply(fn<prepared_state>).times == 1);
    BOOST_TEST(other.apply(fn<prepared_state>).times == 1);
    BOOST_TEST(lines_of(folder.file("log")).size() == 4U);
}

BOOST_AUTO_TEST_CASE(the_time_limit_of_tasks_is_not_its) {
    procpool::pool pool({.processes = 1,
                         .initializer = bind([] { std::this_thread::sleep_for(200ms); }),
                         .task_timeout = 20ms});
    BOOST_TEST(pool.apply([](int n) { return n; }, 1) == 1);
}

BOOST_AUTO_TEST_CASE(a_pool_in_it_works) {
    const auto use_pool = [] {
        procpool::pool inner(1);
        prepared = inner.apply([](int n) { return n + 1; }, 6);
    };
    procpool::pool pool({.processes = 2, .initializer = bind(use_pool)});
    BOOST_TEST(pool.apply(fn<prepared_state>).times == 7);
}

BOOST_AUTO_TEST_CASE(if_it_throws_the_constructor_does_with_its_text) {
    const auto text = error_text(trouble::exception);
    BOOST_TEST(contains(text, "the database is down"), text);
    BOOST_TEST(contains(text, "Worker 1"), text);
    const auto other = error_text(trouble::number);
    BOOST_TEST(contains(other, "initializer"), other);
    BOOST_TEST(contains(other, "int"), other);
}

BOOST_AUTO_TEST_CASE(if_it_ends_the_process_the_constructor_says_how) {
    const auto exited = error_text(trouble::exit);
    BOOST_TEST(contains(exited, "exited with status 3"), exited);
    BOOST_TEST(contains(exited, "initializer"), exited);
    const auto killed = error_text(trouble::abort);
    BOOST_TEST(contains(killed, killed_text), killed);
}

BOOST_AUTO_TEST_CASE(if_it_hangs_the_constructor_throws_after_the_start_timeout) {
    // The limit grows until each process reaches its initializer in time.
    std::string text;
    for (auto limit = 400ms; limit < 100s && !contains(text, "initializer"); limit *= 2) {
        const auto begin = std::chrono::steady_clock::now();
        text = error_text(trouble::hang, limit);
        BOOST_TEST(contains(text, "start_timeout"), text);
        BOOST_TEST((std::chrono::steady_clock::now() - begin >= limit));
    }
    BOOST_TEST(contains(text, "initializer"), text);
}

BOOST_AUTO_TEST_CASE(if_it_ends_a_moment_too_late_the_constructor_says_that) {
    // The duration approaches the start_timeout, and then varies around it.
    auto pause = 0ms;
    auto step = 64ms;
    for (int run = 0; run != 40; ++run) {
        try {
            const procpool::pool pool(
                {.processes = 1, .initializer = bind(fn<sleep_for>, pause.count()), .start_timeout = 150ms});
            pause += step;
        } catch (const procpool::start_failed& e) {
            BOOST_TEST(contains(e.what(), "start_timeout"), e.what());
            pause -= std::min(step, pause);
        }
        step = std::max(step / 2, 1ms);
    }
}

BOOST_AUTO_TEST_CASE(what_it_started_goes_with_the_worker_that_failed) {
    const temporary_folder folder;
    const auto start_and_fail = [](const std::string& log) {
        append_line(log, std::to_string(start_bystander()));
        throw std::runtime_error("no");
    };
    BOOST_CHECK_THROW(
        procpool::pool({.processes = 1, .initializer = bind(start_and_fail, folder.file("pid"))}),
        procpool::start_failed);
    const auto lines = lines_of(folder.file("pid"));
    BOOST_REQUIRE(lines.size() == 1U);
    BOOST_TEST(eventually([&] { return !is_alive(std::stol(lines[0])); }));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
