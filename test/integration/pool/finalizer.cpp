// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/bystander.hpp"
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

// The finalizer of workers: it runs once in each process that ends in an orderly way, after its last task.
namespace {

using namespace procpool::test;
using namespace std::chrono_literals;
using procpool::bind;
using procpool::fn;

int tasks_here = 0; // in a worker

std::size_t length(const std::string& text) {
    return text.size();
}

int count_task(int n) {
    ++tasks_here;
    return n;
}

/// Appends a line with the worker's index, its pid and the number of its tasks.
void finish(const std::string& log, const std::string& with) {
    append_line(log, std::to_string(procpool::this_worker::index()) + ' ' + std::to_string(own_pid()) + ' ' +
                         std::to_string(tasks_here) + ' ' + std::to_string(with.size()));
}

enum class trouble { exception, death, hang };

void get_into(trouble what) {
    switch (what) {
    case trouble::exception:
        throw std::invalid_argument("not closed");
    case trouble::death:
        kill_itself();
        return;
    case trouble::hang:
        sleep_for_ever();
    }
}

/// What set_unhandled is told during a test.
struct fixture : nothing_left_behind {
    fixture() {
        procpool::set_unhandled([this](const std::exception_ptr& what) {
            const std::lock_guard held(mutex);
            told.push_back(what);
        });
    }
    ~fixture() { procpool::set_unhandled({}); }

    std::mutex mutex;
    std::vector<std::exception_ptr> told;
};

std::vector<std::string> sorted_lines(const std::string& log) {
    auto lines = lines_of(log);
    std::sort(lines.begin(), lines.end());
    return lines;
}

void close_and_join(procpool::pool& pool) {
    pool.close();
    pool.join();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(finalizer, fixture)

BOOST_AUTO_TEST_CASE(it_runs_once_in_every_worker_after_its_last_task) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    procpool::pool pool({.processes = 3, .finalizer = bind(fn<finish>, log, "1234")});
    std::vector<std::string> expected;
    const auto pids = pids_of(pool);
    for (int each = 0; each != 5; ++each)
        pool.broadcast(fn<count_task>, each);
    for (std::size_t i = 0; i != pids.size(); ++i)
        expected.push_back(std::to_string(i) + ' ' + std::to_string(pids[i]) + " 5 4");
    BOOST_TEST(lines_of(log).empty());
    close_and_join(pool);
    BOOST_TEST(sorted_lines(log) == expected, boost::test_tools::per_element());
    for (const auto& each : pool.workers())
        BOOST_TEST(each.tasks_done == 5U); // the finalizer is not a task
    BOOST_TEST(told.empty());
}

BOOST_AUTO_TEST_CASE(it_runs_after_work_that_close_found) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    const gate gate;
    procpool::pool pool({.processes = 1, .finalizer = bind(fn<finish>, log, "")});
    const auto first = pool.apply_async(fn<pass>, gate.path(), 1);
    const auto second = pool.map_async(fn<count_task>, std::vector<int>(100));
    pool.close();
    gate.open();
    pool.join();
    BOOST_TEST(first.get() == 1);
    BOOST_TEST(second.get().size() == 100U);
    BOOST_TEST(lines_of(log).size() == 1U);
    BOOST_TEST(lines_of(log).front().find(" 100 0") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(arguments_may_be_big) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    procpool::pool pool({.processes = 2, .finalizer = bind(fn<finish>, log, std::string(300'000, 'x'))});
    close_and_join(pool);
    BOOST_TEST(lines_of(log).size() == 2U);
    for (const auto& line : lines_of(log))
        BOOST_TEST(line.find(" 0 300000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_worker_that_resize_ends_runs_it_at_once) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    procpool::pool pool({.processes = 3, .finalizer = bind(fn<finish>, log, "")});
    pool.resize(1);
    BOOST_TEST(wait_for_lines(log, 2));
    for (const auto& line : lines_of(log))
        BOOST_TEST(line.front() != '0');
    close_and_join(pool);
    BOOST_TEST(lines_of(log).size() == 3U);
    BOOST_TEST(lines_of(log).back().front() == '0');
}

BOOST_AUTO_TEST_CASE(every_process_that_is_replaced_runs_it) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    procpool::pool pool({.processes = 1, .max_tasks_per_worker = 2, .finalizer = bind(fn<finish>, log, "")});
    for (int each = 0; each != 6; ++each)
        pool.apply(fn<count_task>, each);
    BOOST_TEST(wait_for_lines(log, 3));
    for (const auto& line : lines_of(log))
        BOOST_TEST(line.find(" 2 0") != std::string::npos);
    close_and_join(pool);
    BOOST_TEST(told.empty());
}

BOOST_AUTO_TEST_CASE(a_worker_that_does_not_end_orderly_does_not_run_it) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    {
        procpool::pool pool({.processes = 2, .finalizer = bind(fn<finish>, log, "")});
        const auto old = pids_of(pool).front();
        kill_process(old);
        BOOST_TEST(is_replaced(pool, 0, old));
        BOOST_CHECK_THROW(pool.apply([] { kill_itself(); }), procpool::worker_lost);
        pool.terminate();
        pool.join();
    }
    { // the destructor terminates
        const procpool::pool pool({.processes = 2, .finalizer = bind(fn<finish>, log, "")});
    }
    BOOST_TEST(lines_of(log).empty());
    BOOST_TEST(told.empty());
}

BOOST_AUTO_TEST_CASE(its_exception_goes_to_set_unhandled) {
    procpool::pool pool({.processes = 1, .finalizer = bind(fn<get_into>, trouble::exception)});
    const auto pid = pids_of(pool).front();
    close_and_join(pool);
    BOOST_REQUIRE(told.size() == 1U);
    try {
        std::rethrow_exception(told.front());
    } catch (const std::invalid_argument& caught) {
        BOOST_TEST(caught.what() == "not closed");
        const auto* info = procpool::get_remote_info(caught);
        BOOST_REQUIRE(info != nullptr);
        BOOST_TEST(info->worker_pid == pid);
        BOOST_TEST(info->task_name.find("get_into") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_worker_that_dies_in_it_is_lost) {
    procpool::pool pool({.processes = 2, .finalizer = bind(fn<get_into>, trouble::death)});
    close_and_join(pool);
    BOOST_REQUIRE(told.size() == 2U);
    for (const auto& each : told)
        BOOST_CHECK_THROW(std::rethrow_exception(each), procpool::worker_lost);
}

BOOST_AUTO_TEST_CASE(the_time_limit_of_tasks_applies_to_it) {
    procpool::pool pool({.processes = 1,
                         .task_timeout = 50ms,
                         .terminate_grace = 0s,
                         .finalizer = bind(fn<get_into>, trouble::hang)});
    close_and_join(pool);
    BOOST_REQUIRE(told.size() == 1U);
    BOOST_CHECK_THROW(std::rethrow_exception(told.front()), procpool::task_timeout);
}

BOOST_AUTO_TEST_CASE(the_function_of_set_unhandled_may_use_the_pool) {
    procpool::pool pool({.processes = 3, .finalizer = bind(fn<get_into>, trouble::exception)});
    std::atomic<int> used = 0;
    procpool::set_unhandled([&](const std::exception_ptr&) {
        pool.resize(pool.size());
        pool.apply(fn<count_task>, 1);
        ++used;
    });
    pool.resize(1);
    BOOST_TEST(eventually([&] { return used == 2; }));
    procpool::set_unhandled([](const std::exception_ptr&) {});
    close_and_join(pool);
}

BOOST_AUTO_TEST_CASE(a_worker_without_room_for_it_runs_it_when_there_is_room) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    procpool::pool pool({.processes = 1, .finalizer = bind(fn<finish>, log, std::string(12'000, 'x'))});
    for (int each = 0; each != 2000; ++each) // tasks are short: many are given ahead
        pool.apply(fn<count_task>, each);
    const auto pid = pids_of(pool).front();
    BOOST_REQUIRE(eventually([&] { return is_asleep(pid); }));
    stop_process(pid);
    BOOST_REQUIRE(eventually([&] { return is_stopped(pid); }));
    std::vector<procpool::async_result<std::size_t>> results;
    for (int each = 0; each != 64; ++each)
        results.push_back(pool.apply_async(fn<length>, std::string(15'000, 'x')));
    for (auto& each : results)
        BOOST_TEST(each.cancel());
    pool.close();
    continue_process(pid);
    pool.join();
    BOOST_REQUIRE(lines_of(log).size() == 1U);
    BOOST_TEST(lines_of(log).front().find(" 2000 12000") != std::string::npos);
    BOOST_TEST(told.empty());
}

BOOST_AUTO_TEST_CASE(what_it_started_ends_with_a_worker_that_dies_in_it) {
    const temporary_folder folder;
    const auto start_and_die = [](const std::string& log) {
        append_line(log, std::to_string(start_bystander()));
        kill_itself();
    };
    procpool::pool pool({.processes = 1, .finalizer = bind(start_and_die, folder.file("pid"))});
    close_and_join(pool);
    BOOST_TEST(told.size() == 1U);
    const auto lines = lines_of(folder.file("pid"));
    BOOST_REQUIRE(lines.size() == 1U);
    BOOST_TEST(eventually([&] { return !is_alive(std::stol(lines[0])); }));
}

BOOST_AUTO_TEST_CASE(what_it_started_stays_if_it_ends) {
    const temporary_folder folder;
    const auto start = [](const std::string& log) { append_line(log, std::to_string(start_bystander())); };
    procpool::pool pool({.processes = 1, .finalizer = bind(start, folder.file("pid"))});
    close_and_join(pool);
    const auto lines = lines_of(folder.file("pid"));
    BOOST_REQUIRE(lines.size() == 1U);
    BOOST_TEST(is_alive(std::stol(lines[0])));
    kill_process(std::stol(lines[0]));
}

BOOST_AUTO_TEST_CASE(close_may_come_while_a_replacement_starts) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    int closed = 0;
    for (int round = 0; round != 10; ++round) {
        procpool::pool pool({.processes = 2,
                             .max_tasks_per_worker = 1,
                             .terminate_grace = 0s,
                             .finalizer = bind(fn<finish>, log, "")});
        for (int each = 0; each <= round % 3; ++each)
            pool.apply(fn<count_task>, each);
        close_and_join(pool);
        ++closed;
    }
    BOOST_TEST(closed == 10);
    BOOST_TEST(told.empty()); // none was killed in the middle of it
}

BOOST_AUTO_TEST_CASE(terminate_ends_one_that_hangs) {
    procpool::pool pool(
        {.processes = 2, .terminate_grace = 0s, .finalizer = bind(fn<get_into>, trouble::hang)});
    pool.apply(fn<count_task>, 1);
    pool.close();
    pool.terminate();
    pool.join();
    BOOST_TEST(told.empty());
}

BOOST_AUTO_TEST_CASE(many_workers_may_end_at_a_time_while_others_work) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    procpool::pool pool(
        {.processes = 4, .initializer = bind(fn<finish>, log, ""), .finalizer = bind(fn<finish>, log, "")});
    for (int round = 0; round != 5; ++round) {
        auto results = pool.map_async(fn<count_task>, std::vector<int>(1000, 1));
        pool.resize(1);
        pool.resize(4);
        const auto got = results.get();
        BOOST_TEST(std::count(got.begin(), got.end(), 1) == 1000);
    }
    close_and_join(pool);
    // Each process writes one line when it starts, and one when it ends; surplus workers may end before they
    // are ready, with neither or only the first.
    BOOST_TEST(lines_of(log).size() >= 8U);
    BOOST_TEST(told.empty());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
