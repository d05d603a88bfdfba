// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/seeded_random.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// Calls and items of a higher priority start first. Items that may start only after others wait for these, so
// that a pool that starts them too early makes them fail.
using procpool::call_options;
using procpool::test::gate;
using procpool::test::lines_of;
using procpool::test::temporary_folder;

namespace {

/// Returns the index of the worker.
std::size_t record(const std::string& file, int n) {
    procpool::test::append_line(file, std::to_string(n));
    return procpool::this_worker::index();
}

struct record_in {
    std::string file;
    std::size_t operator()(int n) const { return record(file, n); }
};

/// An item that must not start before `others` lines are in `file`, unless it starts before the gate opens.
struct after_others {
    std::string gate;
    std::string file;
    std::size_t others = 1;

    int operator()(int n) const {
        const bool is_early = !procpool::test::exists(gate);
        procpool::test::pass(gate, n);
        if (!is_early && !procpool::test::wait_for_lines(file, others))
            throw std::runtime_error("it has started too early");
        return n;
    }
};

void die_first(const std::string& file, const std::string& line) {
    const auto lines = lines_of(file);
    procpool::test::append_line(file, line);
    if (std::find(lines.begin(), lines.end(), line) == lines.end())
        procpool::test::kill_itself();
}

std::vector<int> numbers(int count) {
    std::vector<int> out(static_cast<std::size_t>(count));
    std::iota(out.begin(), out.end(), 0);
    return out;
}

std::vector<std::pair<std::string, int>> calls(const std::string& file, const std::vector<int>& of) {
    std::vector<std::pair<std::string, int>> out;
    for (const int n : of)
        out.emplace_back(file, n);
    return out;
}

/// A pool whose workers each wait in a task until `go_on` is called.
struct held_pool : procpool::pool {
    explicit held_pool(procpool::pool_options options) : pool(std::move(options)) {
        for (std::size_t worker = 0; worker != size(); ++worker)
            held_.push_back(apply_async(procpool::fn<procpool::test::pass>, gate_.path(), 0));
        BOOST_TEST_REQUIRE(gate_.wait_for_arrival(size()));
    }
    explicit held_pool(std::size_t workers) : held_pool(procpool::pool_options{.processes = workers}) {}

    void go_on() {
        gate_.open();
        for (const auto& each : held_)
            each.get();
    }

  private:
    gate gate_;
    std::vector<procpool::async_result<int>> held_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(priority, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(an_urgent_call_waits_for_one_item_of_a_big_map) {
    for (const std::size_t workers : {1U, 2U, 4U})
        for (const std::size_t chunk : {1U, 10U, 1000U}) {
            BOOST_TEST_INFO_SCOPE(workers << " workers, chunk " << chunk);
            const gate opened;
            const temporary_folder folder;
            procpool::pool pool(workers);
            const after_others item{opened.path(), folder.file("urgent")};
            auto all = pool.map_async(item, numbers(200), {.chunk_size = chunk});
            BOOST_TEST_REQUIRE(opened.wait_for_arrival(workers));
            auto urgent =
                pool.apply_async(call_options{.priority = 1}, procpool::fn<record>, folder.file("urgent"), 1);
            opened.open();
            urgent.get();
            BOOST_TEST(all.get() == numbers(200), boost::test_tools::per_element());
        }
}

BOOST_AUTO_TEST_CASE(an_urgent_map_goes_before_all_other_work) {
    for (const std::size_t workers : {1U, 3U}) {
        BOOST_TEST_INFO_SCOPE(workers << " workers");
        const gate opened;
        const temporary_folder folder;
        const auto file = folder.file("urgent");
        procpool::pool pool(workers);
        const after_others item{opened.path(), file, 60};
        auto all = pool.map_async(item, numbers(100));
        BOOST_TEST_REQUIRE(opened.wait_for_arrival(workers));
        auto single = pool.apply_async(item, 1);
        auto urgent = pool.map_async(record_in{file}, numbers(50), {.priority = 2});
        auto urgent_too = pool.starmap_async(procpool::fn<record>, calls(file, numbers(10)), {.priority = 1});
        opened.open();
        urgent.wait();
        urgent_too.wait();
        BOOST_TEST(all.get() == numbers(100), boost::test_tools::per_element());
        BOOST_TEST(single.get() == 1);
    }
}

BOOST_AUTO_TEST_CASE(short_items_that_were_claimed_together_let_urgent_calls_go_first) {
    constexpr std::size_t claimed_together = 256;
    const gate opened;
    procpool::pool pool(1);
    using counter = procpool::shared_array<std::uint32_t>;
    struct state {
        counter
            counts; // of items that started after the one that waits, before the urgent call; of the calls
        std::string gate;
        int waits = 1500;
    };
    static state now;
    const counter counts(2);
    pool.broadcast(
        [](const counter& of, const std::string& path) {
            now.counts = of;
            now.gate = path;
        },
        counts, opened.path());
    auto all = pool.map_async(
        [](int n) {
            if (n == now.waits)
                procpool::test::pass(now.gate, n);
            else if (n > now.waits && now.counts.data()[1] == 0)
                ++now.counts.data()[0];
            return n;
        },
        numbers(3000), {.chunk_size = 3000});
    BOOST_TEST_REQUIRE(opened.wait_for_arrival());
    auto urgent = pool.apply_async(call_options{.priority = 1}, [] { ++now.counts.data()[1]; });
    opened.open();
    urgent.get();
    BOOST_TEST(counts.data()[0] < claimed_together);
    BOOST_TEST((all.get() == numbers(3000)));
}

BOOST_AUTO_TEST_CASE(one_worker_runs_everything_by_priority_and_equals_in_the_order_of_submission) {
    const temporary_folder folder;
    const auto file = folder.file("order");
    held_pool pool(1);
    std::vector<procpool::async_result<std::size_t>> results;
    std::vector<procpool::async_result<std::vector<std::size_t>>> maps;
    std::vector<std::future<std::size_t>> operations;
    std::vector<procpool::result_stream<std::size_t>> streams;
    std::vector<procpool::async_result<std::size_t>> reductions;
    std::vector<std::pair<int, std::vector<int>>> submitted; // priorities and numbers
    int next = 0;
    const auto add = [&](int priority, std::size_t items) {
        std::vector<int> those(items);
        std::iota(those.begin(), those.end(), next);
        next += static_cast<int>(items);
        submitted.emplace_back(priority, those);
        return those;
    };
    for (const int priority : {0, 1, -1, INT_MIN, INT_MAX, 0, 1, -1, 5, 0}) {
        results.push_back(pool.apply_async(call_options{.priority = priority}, procpool::fn<record>, file,
                                           add(priority, 1).front()));
        maps.push_back(
            pool.map_async(record_in{file}, add(priority, 7), {.chunk_size = 3, .priority = priority}));
        operations.push_back(pool.async_apply(
            call_options{.priority = priority},
            procpool::bind(procpool::fn<record>, file, add(priority, 1).front()), boost::asio::use_future));
        streams.push_back(pool.imap(record_in{file}, add(priority, 3),
                                    {.chunk_size = 2, .max_in_flight = 10, .priority = priority}));
        maps.push_back(
            pool.starmap_async(procpool::fn<record>, calls(file, add(priority, 4)), {.priority = priority}));
        results.push_back(pool.apply_async(call_options{.priority = priority, .worker = 0},
                                           procpool::fn<record>, file, add(priority, 1).front()));
        reductions.push_back(pool.map_reduce_async(record_in{file}, add(priority, 3), std::plus<>(),
                                                   std::size_t{0}, {.priority = priority}));
    }
    std::stable_sort(submitted.begin(), submitted.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::string> expected;
    for (const auto& [priority, those] : submitted)
        for (const int n : those)
            expected.push_back(std::to_string(n));
    pool.go_on();
    pool.apply(call_options{.priority = INT_MIN}, procpool::fn<record>, folder.file("last"), 0);
    BOOST_TEST(lines_of(file) == expected, boost::test_tools::per_element());
    for (auto& each : operations)
        each.get();
}

BOOST_AUTO_TEST_CASE(without_priorities_the_order_is_that_of_submission_again) {
    const temporary_folder folder;
    procpool::pool pool(1);
    for (int round = 0; round != 3; ++round) {
        const auto file = folder.file("order" + std::to_string(round));
        pool.apply(call_options{.priority = round}, procpool::fn<record>, folder.file("urgent"), 0);
        std::vector<procpool::async_result<std::size_t>> results;
        for (const int n : numbers(100))
            results.push_back(pool.apply_async(procpool::fn<record>, file, n));
        for (const auto& each : results)
            each.wait();
        std::vector<std::string> expected;
        for (const int n : numbers(100))
            expected.push_back(std::to_string(n));
        BOOST_TEST(lines_of(file) == expected, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(an_idle_worker_takes_over_an_urgent_call_that_waits_behind_a_long_one) {
    const gate first;
    const gate second;
    const temporary_folder folder;
    procpool::pool pool(2);
    auto held =
        pool.apply_async(call_options{.worker = 0}, procpool::fn<procpool::test::pass>, first.path(), 1);
    auto held_too =
        pool.apply_async(call_options{.worker = 1}, procpool::fn<procpool::test::pass>, second.path(), 1);
    BOOST_TEST_REQUIRE((first.wait_for_arrival() && second.wait_for_arrival()));
    std::vector<procpool::async_result<std::size_t>> urgent;
    for (int n = 0; n != 10; ++n)
        urgent.push_back(
            pool.apply_async(call_options{.priority = 1}, procpool::fn<record>, folder.file("urgent"), n));
    auto later = pool.apply_async(procpool::fn<record>, folder.file("later"), 1);
    second.open(); // worker 0 still runs its call
    for (const auto& each : urgent)
        BOOST_TEST(each.get() == 1u);
    BOOST_TEST(later.get() == 1u);
    first.open();
    held.get();
    held_too.get();
}

BOOST_AUTO_TEST_CASE(pinned_calls_obey_it_in_their_worker) {
    const temporary_folder folder;
    const auto file = folder.file("order");
    held_pool pool(2);
    std::vector<procpool::async_result<std::size_t>> results;
    const auto submit = [&](int n, int priority) {
        results.push_back(
            pool.apply_async(call_options{.priority = priority, .worker = 1}, procpool::fn<record>, file, n));
    };
    submit(3, 0);
    submit(5, -1);
    submit(1, 2);
    submit(4, 0);
    submit(2, 2);
    submit(0, 3);
    pool.go_on();
    for (const auto& each : results)
        BOOST_TEST(each.get() == 1u);
    BOOST_TEST(lines_of(file) == (std::vector<std::string>{"0", "1", "2", "3", "4", "5"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(pinned_calls_and_others_take_their_turns_by_priority) {
    const temporary_folder folder;
    const auto file = folder.file("order");
    held_pool pool(1);
    std::vector<procpool::async_result<std::size_t>> results;
    results.push_back(
        pool.apply_async(call_options{.priority = 1, .worker = 0}, procpool::fn<record>, file, 2));
    results.push_back(pool.apply_async(call_options{.priority = 0}, procpool::fn<record>, file, 3));
    auto everywhere = pool.broadcast_async(call_options{.priority = 3}, procpool::fn<record>, file, 0);
    results.push_back(pool.apply_async(call_options{.priority = 2}, procpool::fn<record>, file, 1));
    results.push_back(
        pool.apply_async(call_options{.priority = -1, .worker = 0}, procpool::fn<record>, file, 4));
    pool.go_on();
    for (const auto& each : results)
        each.wait();
    everywhere.wait();
    BOOST_TEST(lines_of(file) == (std::vector<std::string>{"0", "1", "2", "3", "4"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_retry_keeps_its_priority_and_its_turn) {
    const temporary_folder folder;
    const auto file = folder.file("order");
    held_pool pool(1);
    std::vector<procpool::async_result<void>> results;
    const auto submit = [&](const std::string& line, int priority) {
        results.push_back(pool.apply_async(call_options{.retries = 1, .priority = priority},
                                           procpool::fn<die_first>, file, line));
    };
    submit("c", 0);
    submit("a", 1);
    submit("d", 0);
    submit("b", 1);
    pool.go_on();
    for (const auto& each : results)
        each.get();
    BOOST_TEST(lines_of(file) == (std::vector<std::string>{"a", "a", "b", "b", "c", "c", "d", "d"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(urgent_calls_that_are_cancelled_hold_nothing_up) {
    const gate opened;
    const temporary_folder folder;
    procpool::pool pool(2);
    auto all = pool.map_async(after_others{opened.path(), folder.file("none"), 0}, numbers(100));
    BOOST_TEST_REQUIRE(opened.wait_for_arrival(2));
    auto urgent =
        pool.apply_async(call_options{.priority = 1}, procpool::fn<record>, folder.file("urgent"), 1);
    auto pinned = pool.apply_async(call_options{.priority = 1, .worker = 1}, procpool::fn<record>,
                                   folder.file("urgent"), 1);
    BOOST_TEST(urgent.cancel());
    BOOST_TEST(pinned.cancel());
    opened.open();
    BOOST_TEST(all.get() == numbers(100), boost::test_tools::per_element());
    BOOST_CHECK_THROW(urgent.get(), procpool::task_cancelled);
    BOOST_CHECK_THROW(pinned.get(), procpool::task_cancelled);
    BOOST_TEST(lines_of(folder.file("urgent")).empty());
}

BOOST_AUTO_TEST_CASE(processes_that_take_turns_obey_it) {
    const temporary_folder folder;
    const auto file = folder.file("order");
    held_pool pool(procpool::pool_options{.processes = 1, .max_tasks_per_worker = 3});
    auto all = pool.map_async(record_in{file}, numbers(20), {.chunk_size = 10, .priority = -1});
    std::vector<procpool::async_result<std::size_t>> urgent;
    for (int n = 100; n != 110; ++n)
        urgent.push_back(pool.apply_async(procpool::fn<record>, file, n));
    std::vector<std::string> expected;
    for (int n = 100; n != 110; ++n)
        expected.push_back(std::to_string(n));
    for (const int n : numbers(20))
        expected.push_back(std::to_string(n));
    pool.go_on();
    all.wait();
    BOOST_TEST(lines_of(file) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(calls_of_any_priority_all_end_though_workers_die) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    procpool::pool pool(3);
    const auto any_priority = [&] {
        return static_cast<int>(random.between(0, 4)) - 2;
    };
    std::size_t ended = 0;
    for (int round = 0; round != 30; ++round) {
        std::vector<procpool::async_result<int>> calls_made;
        std::vector<procpool::async_result<std::vector<int>>> maps;
        std::vector<procpool::result_stream<int>> streams;
        constexpr auto same = [](int n) {
            return n;
        };
        for (int i = 0; i != 20; ++i) {
            call_options options{.retries = 5, .priority = any_priority()};
            if (random.once_in(3))
                options.worker = random.below(3);
            calls_made.push_back(pool.apply_async(options, same, i));
            procpool::map_options map_options;
            map_options.retries = 5;
            map_options.priority = any_priority();
            if (random.once_in(4))
                maps.push_back(
                    pool.map_async(same, numbers(static_cast<int>(random.between(1, 2000))), map_options));
            if (random.once_in(8))
                streams.push_back(pool.imap(same, numbers(20), map_options));
            if (random.once_in(20))
                if (const auto pid = procpool::test::pids_of(pool)[random.below(3)]; pid != 0)
                    procpool::test::kill_process(pid);
        }
        for (auto& each : streams)
            while (each.next())
                ++ended;
        for (const auto& each : calls_made)
            ended += each.get() >= 0;
        for (const auto& each : maps)
            ended += each.get().size();
    }
    BOOST_TEST(ended >= 600u);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
