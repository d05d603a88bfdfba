// Distributed under the Boost Software License, Version 1.0. See LICENSE.
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
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// max_tasks_per_worker: no process runs more items, and nothing else changes for the user.
namespace {

using namespace procpool::test;
using procpool::bind;
using procpool::fn;

struct answer {
    int value = 0;
    long pid = 0;
    std::int64_t born = 0; // Windows soon gives the number of an ended process to another one
    std::size_t index = 0;
};
answer twice(int n) {
    static const auto born = std::chrono::steady_clock::now().time_since_epoch().count();
    return {2 * n, own_pid(), born, procpool::this_worker::index()};
}

void note_pid(const std::string& log) {
    append_line(log, std::to_string(own_pid()));
}

std::vector<int> numbers(int n) {
    std::vector<int> out(static_cast<std::size_t>(n));
    std::iota(out.begin(), out.end(), 0);
    return out;
}

/// The number of items that each process ran.
class census {
  public:
    void add(const answer& each) { ++items_[{each.pid, each.born}]; }
    std::size_t processes() const { return items_.size(); }
    std::size_t most() const {
        std::size_t out = 0;
        for (const auto& each : items_)
            out = std::max(out, each.second);
        return out;
    }

  private:
    std::map<std::pair<long, std::int64_t>, std::size_t> items_;
};

census check(const std::vector<answer>& answers) {
    census out;
    for (std::size_t i = 0; i != answers.size(); ++i) {
        BOOST_TEST(answers[i].value == 2 * static_cast<int>(i));
        out.add(answers[i]);
    }
    return out;
}

/// How many processes a case recycles: fewer where processes start slowly.
#if defined(PROCPOOL_TEST_BY_WINE)
constexpr int many = 20;
#elif defined(PROCPOOL_SANITIZED)
constexpr int many = 60;
#else
constexpr int many = 200;
#endif

} // namespace

BOOST_FIXTURE_TEST_SUITE(recycling, nothing_left_behind)

BOOST_AUTO_TEST_CASE(every_item_of_a_big_chunk_counts) {
    procpool::pool pool({.processes = 1, .max_tasks_per_worker = 1});
    const auto seen = check(pool.map(fn<twice>, numbers(many), {.chunk_size = 50}));
    BOOST_TEST(seen.processes() == std::size_t{many});
}

BOOST_AUTO_TEST_CASE(a_backlog_of_calls_survives_one_worker_with_a_limit_of_one) {
    const temporary_folder folder;
    procpool::pool pool({.processes = 1, .max_tasks_per_worker = 1});
    const auto note = [](const std::string& file, int n) {
        append_line(file, std::to_string(n));
        return twice(n);
    };
    std::vector<procpool::async_result<answer>> results;
    std::vector<std::string> order;
    for (int i = 0; i != many; ++i) {
        results.push_back(pool.apply_async(note, folder.file("order"), i));
        order.push_back(std::to_string(i));
    }
    std::vector<answer> answers;
    for (const auto& each : results)
        answers.push_back(each.get());
    BOOST_TEST(check(answers).processes() == std::size_t{many});
    BOOST_TEST(lines_of(folder.file("order")) == order, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_worker_runs_exactly_its_limit_before_the_next_takes_over) {
    procpool::pool pool({.processes = 1, .max_tasks_per_worker = 4});
    const auto answers = pool.map(fn<twice>, numbers(42), {.chunk_size = 7});
    for (std::size_t i = 0; i != answers.size(); ++i) {
        BOOST_TEST(answers[i].pid == answers[i / 4 * 4].pid);
        BOOST_TEST(answers[i].index == 0U);
    }
    BOOST_TEST(check(answers).processes() == 11U);
}

BOOST_AUTO_TEST_CASE(no_process_of_several_runs_more_than_its_limit) {
    procpool::pool pool({.processes = 3, .max_tasks_per_worker = 7});
    auto answers = pool.map(fn<twice>, numbers(300));
    for (int i = 300; i != 360; ++i)
        answers.push_back(pool.apply(fn<twice>, i));
    const auto seen = check(answers);
    BOOST_TEST(seen.most() <= 7U);
    for (const auto& each : answers)
        BOOST_TEST(each.index < 3U);
}

BOOST_AUTO_TEST_CASE(a_limit_that_is_not_reached_changes_nothing) {
    procpool::pool pool({.processes = 2, .max_tasks_per_worker = 1000});
    const auto before = pids_of(pool);
    for (const auto& each : pool.map(fn<twice>, numbers(500)))
        BOOST_TEST(std::count(before.begin(), before.end(), each.pid) == 1);
    BOOST_TEST(pids_of(pool) == before, boost::test_tools::per_element());
    BOOST_CHECK_THROW(procpool::pool({.processes = 1, .max_tasks_per_worker = 0}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_replacement_is_ready_before_the_last_task_has_ended) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    const gate gate;
    procpool::pool pool({.processes = 1, .initializer = bind(fn<note_pid>, log), .max_tasks_per_worker = 1});
    auto last = pool.apply_async(fn<pass>, gate.path(), 1);
    auto next = pool.apply_async(fn<twice>, 1);
    BOOST_TEST(gate.wait_for_arrival());
    BOOST_TEST(wait_for_lines(log, 2));
    BOOST_TEST(!last.ready());
    BOOST_TEST(!next.ready()); // still one at a time
    gate.open();
    BOOST_TEST(last.get() == 1);
    BOOST_TEST(std::to_string(next.get().pid) == lines_of(log)[1]);
}

BOOST_AUTO_TEST_CASE(the_initializer_runs_in_each_process_before_its_tasks) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    procpool::pool pool({.processes = 2, .initializer = bind(fn<note_pid>, log), .max_tasks_per_worker = 3});
    const auto is_prepared = [](const std::string& file) {
        const auto lines = lines_of(file);
        return std::count(lines.begin(), lines.end(), std::to_string(own_pid()));
    };
    for (const auto times : pool.map(is_prepared, std::vector(100, log)))
        BOOST_TEST(times == 1);
}

BOOST_AUTO_TEST_CASE(streams_go_on_over_it) {
    procpool::pool pool({.processes = 2, .max_tasks_per_worker = 3});
    std::vector<answer> ordered;
    for (auto& each : pool.imap(fn<twice>, numbers(100), {.chunk_size = 5}))
        ordered.push_back(each);
    BOOST_TEST(check(ordered).most() <= 3U);
    std::set<int> values;
    for (auto& each : pool.imap_unordered(fn<twice>, numbers(100)))
        values.insert(each.value);
    BOOST_TEST(values.size() == 100U);
}

BOOST_AUTO_TEST_CASE(what_was_accepted_is_finished_after_close) {
    procpool::pool pool({.processes = 2, .max_tasks_per_worker = 1});
    auto map = pool.map_async(fn<twice>, numbers(60), {.chunk_size = 10});
    std::vector<procpool::async_result<answer>> results;
    for (int i = 0; i != 40; ++i)
        results.push_back(pool.apply_async(fn<twice>, i));
    pool.close();
    pool.join();
    BOOST_TEST(check(map.get()).processes() == 60U);
    BOOST_TEST(results.back().get().value == 78);
}

BOOST_AUTO_TEST_CASE(a_backlog_is_abandoned_by_terminate) {
    const gate never;
    procpool::pool pool({.processes = 2, .max_tasks_per_worker = 1});
    auto map = pool.map_async(fn<twice>, numbers(5000));
    auto stuck = pool.apply_async(fn<pass>, never.path(), 1);
    pool.terminate();
    BOOST_CHECK_THROW(map.get(), procpool::pool_terminated);
    BOOST_CHECK_THROW(stuck.get(), procpool::pool_terminated);
    pool.join();
}

BOOST_AUTO_TEST_CASE(workers_that_die_cost_their_task_alone) {
    procpool::pool pool({.processes = 2, .max_tasks_per_worker = 3});
    const auto fragile = [](int n) {
        if (n % 5 == 3)
            kill_itself();
        return twice(n);
    };
    census seen;
    std::vector<procpool::async_result<answer>> results;
    for (int i = 0; i != 100; ++i)
        results.push_back(pool.apply_async(fragile, i));
    for (int i = 0; i != 100; ++i) {
        const auto& result = results[static_cast<std::size_t>(i)];
        if (i % 5 == 3) {
            BOOST_CHECK_THROW(result.get(), procpool::worker_lost);
        } else {
            BOOST_TEST(result.get().value == 2 * i);
            seen.add(result.get());
        }
    }
    BOOST_TEST(seen.most() <= 3U);
}

BOOST_AUTO_TEST_CASE(a_replacement_that_dies_while_it_waits_for_its_turn_is_replaced) {
    const temporary_folder folder;
    const auto log = folder.file("log");
    const gate gate;
    procpool::pool pool({.processes = 1, .initializer = bind(fn<note_pid>, log), .max_tasks_per_worker = 1});
    auto last = pool.apply_async(fn<pass>, gate.path(), 1);
    auto next = pool.apply_async(fn<twice>, 1);
    for (std::size_t processes = 2; processes != 6; ++processes) {
        BOOST_REQUIRE(wait_for_lines(log, processes));
        kill_process(std::stol(lines_of(log).back()));
    }
    gate.open();
    BOOST_TEST(last.get() == 1);
    BOOST_TEST(next.get().value == 2);
}

BOOST_AUTO_TEST_CASE(workers_says_what_there_is_meanwhile) {
    procpool::pool pool({.processes = 2, .max_tasks_per_worker = 2});
    auto map = pool.map_async(fn<twice>, numbers(many));
    std::size_t done = 0;
    while (!map.ready()) {
        std::size_t now = 0;
        const auto workers = pool.workers();
        BOOST_REQUIRE(workers.size() == 2U);
        for (std::size_t i = 0; i != 2; ++i) {
            BOOST_REQUIRE(workers[i].index == i);
            now += workers[i].tasks_done;
        }
        BOOST_REQUIRE(now >= done);
        BOOST_REQUIRE(now <= std::size_t{many});
        done = now;
    }
    map.get();
    BOOST_TEST(eventually([&] {
        const auto workers = pool.workers();
        return workers[0].tasks_done + workers[1].tasks_done == std::size_t{many} && workers[0].pid &&
               workers[1].pid && !workers[0].busy && !workers[1].busy;
    }));
}

BOOST_AUTO_TEST_CASE(many_recycled_processes_leave_nothing) {
    procpool::pool pool({.processes = 2, .max_tasks_per_worker = 1});
    const auto counts = [] {
        const auto now = belongings::now();
        return std::vector{now.children.size(), now.descriptors.size(), now.threads, now.shared_mappings};
    };
    pool.map(fn<twice>, numbers(20));
    const auto restarts = [&] {
        const auto workers = pool.workers();
        return workers[0].restarts + workers[1].restarts;
    };
    BOOST_TEST(eventually([&] { return restarts() == 20U; })); // a process for each item before these
    const auto at_rest = [&] {
        const auto workers = pool.workers();
        return counts().front() == 2U && workers[0].pid && workers[1].pid;
    };
    BOOST_TEST(eventually(at_rest));
    const auto before = counts();
    const auto mappings = mapping_count();
    pool.map(fn<twice>, numbers(many));
    BOOST_TEST(eventually([&] {
        const auto now = counts();
        return at_rest() && std::equal(now.begin(), now.end(), before.begin(), std::less_equal<>());
    }));
    BOOST_TEST(mapping_count() <= mappings + 12); // what the allocator may keep
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
