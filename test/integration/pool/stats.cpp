// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/stopping_tasks.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

// pool::stats: every item is counted once, in the state that it is in.
namespace {

using namespace std::chrono_literals;
using namespace procpool::test;
using clock_type = std::chrono::steady_clock;
using procpool::fn;
using procpool::pool_stats;

int twice(int n) {
    return 2 * n;
}

int refuse_odd(int n) {
    if (n % 2 != 0)
        throw std::domain_error("odd");
    return n;
}

int die_at(int n, int fatal) {
    if (n == fatal)
        kill_itself();
    return n;
}

/// Kills its worker in its first `deaths` runs, which `file` counts.
int die_first(const std::string& file, std::size_t deaths) {
    append_line(file, "run");
    if (lines_of(file).size() <= deaths)
        kill_itself();
    return 0;
}

void fail_if_exists(const std::string& file) {
    if (exists(file))
        throw std::runtime_error("it exists");
}

bool adds_up(const pool_stats& of) {
    return of.submitted == of.queued + of.running + of.succeeded + of.threw + of.lost + of.timed_out +
                               of.cancelled + of.abandoned;
}

/// Checks that the pool has nothing left to do, and returns its statistics.
pool_stats settled_stats(const procpool::pool& pool) {
    const auto stats = pool.stats();
    BOOST_TEST(adds_up(stats));
    BOOST_TEST(stats.queued == 0U);
    BOOST_TEST(stats.running == 0U);
    return stats;
}

/// Reads the statistics of a pool all the time, until it is destroyed.
class sampler {
  public:
    explicit sampler(const procpool::pool& pool) : thread_([this, &pool] { sample(pool); }) {}
    ~sampler() { end(); }

    void end() {
        over_ = true;
        if (thread_.joinable())
            thread_.join();
    }
    std::size_t samples() const { return samples_; }
    std::size_t wrong() const { return wrong_; }

  private:
    void sample(const procpool::pool& pool) {
        std::uint64_t submitted = 0;
        std::uint64_t ended = 0;
        while (!over_) {
            const auto stats = pool.stats();
            const auto now_ended = stats.succeeded + stats.threw + stats.lost + stats.timed_out +
                                   stats.cancelled + stats.abandoned;
            const bool right = adds_up(stats) && stats.queued <= stats.submitted &&
                               stats.running <= pool.size() && stats.submitted >= submitted &&
                               now_ended >= ended && stats.run.count() <= stats.succeeded + stats.threw;
            wrong_ += !right;
            submitted = stats.submitted;
            ended = now_ended;
            ++samples_;
        }
    }

    std::atomic<bool> over_{false};
    std::atomic<std::size_t> samples_{0};
    std::atomic<std::size_t> wrong_{0};
    std::thread thread_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(stats, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_new_pool_has_done_nothing) {
    const procpool::pool pool({.processes = 2, .initializer = fn<own_pid>});
    const auto stats = settled_stats(pool);
    BOOST_TEST(stats.submitted == 0U);
    BOOST_TEST(stats.restarts == 0U);
    BOOST_TEST(stats.argument_bytes == 0U);
    BOOST_TEST(stats.result_bytes == 0U);
    BOOST_TEST(stats.run.count() == 0U);
    BOOST_TEST((stats.busy_time == 0ns));
}

BOOST_AUTO_TEST_CASE(values_and_exceptions_are_counted_when_their_result_is_there) {
    procpool::pool pool(3);
    pool.apply(fn<twice>, 1);
    BOOST_TEST(settled_stats(pool).succeeded == 1U);
    BOOST_CHECK_THROW(pool.apply(fn<refuse_odd>, 1), std::domain_error);
    BOOST_TEST(settled_stats(pool).threw == 1U);
    std::vector<int> numbers(1000);
    std::iota(numbers.begin(), numbers.end(), 0);
    pool.map(fn<twice>, numbers);
    BOOST_TEST(settled_stats(pool).succeeded == 1001U);
    BOOST_CHECK_THROW(pool.map(fn<refuse_odd>, numbers), std::domain_error);
    BOOST_TEST(settled_stats(pool).succeeded == 1501U);
    BOOST_TEST(settled_stats(pool).threw == 501U);
    pool.broadcast(fn<twice>, 1);
    BOOST_TEST(settled_stats(pool).succeeded == 1504U);
    for (const int each : pool.imap(fn<twice>, numbers))
        static_cast<void>(each);
    BOOST_TEST(settled_stats(pool).succeeded == 2504U);
    pool.map_reduce(
        fn<twice>, numbers, [](int a, int b) { return a + b; }, 0);
    const auto stats = settled_stats(pool);
    BOOST_TEST(stats.submitted == 4005U);
    BOOST_TEST(stats.succeeded == 3504U);
    BOOST_TEST(stats.threw == 501U);
    BOOST_TEST(stats.run.count() == stats.submitted);
    BOOST_TEST(stats.wait.count() == stats.submitted);
}

BOOST_AUTO_TEST_CASE(an_item_that_a_worker_has_begun_is_running_and_the_others_are_queued) {
    procpool::pool pool(2);
    const gate gate;
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 5; ++i)
        results.push_back(pool.apply_async(fn<pass>, gate.path(), i));
    BOOST_TEST_REQUIRE(gate.wait_for_arrival(2));
    BOOST_TEST(pool.stats().submitted == 5U);
    BOOST_TEST(pool.stats().running == 2U);
    BOOST_TEST(pool.stats().queued == 3U);
    gate.open();
    for (const auto& each : results)
        each.get();
    BOOST_TEST(settled_stats(pool).succeeded == 5U);
}

BOOST_AUTO_TEST_CASE(of_a_chunk_one_item_runs) {
    procpool::pool pool(1);
    const gate gate;
    std::vector<std::tuple<std::string, int>> calls(10, {gate.path(), 1});
    const auto result = pool.starmap_async(fn<pass>, calls, {.chunk_size = 10});
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    BOOST_TEST(pool.stats().running == 1U);
    BOOST_TEST(pool.stats().queued == 9U);
    gate.open();
    result.wait();
    BOOST_TEST(settled_stats(pool).succeeded == 10U);
}

BOOST_AUTO_TEST_CASE(a_call_that_costs_its_worker_is_lost_and_the_worker_is_restarted) {
    procpool::pool pool(1);
    BOOST_CHECK_THROW(pool.apply([] { kill_itself(); }), procpool::worker_lost);
    BOOST_TEST(settled_stats(pool).lost == 1U);
    pool.apply(fn<twice>, 1); // by the replacement
    const auto stats = settled_stats(pool);
    BOOST_TEST(stats.restarts == 1U);
    BOOST_TEST(stats.succeeded == 1U);
    BOOST_TEST(stats.submitted == 2U);
}

BOOST_AUTO_TEST_CASE(of_a_chunk_one_item_is_lost) {
    procpool::pool pool(1);
    std::vector<std::tuple<int, int>> calls;
    for (int i = 0; i != 300; ++i)
        calls.emplace_back(i, 200);
    BOOST_CHECK_THROW(pool.starmap(fn<die_at>, calls, {.chunk_size = 300}), procpool::worker_lost);
    const auto stats = settled_stats(pool);
    BOOST_TEST(stats.lost == 1U);
    BOOST_TEST(stats.succeeded == 299U);
    BOOST_TEST(stats.result_bytes <= 299 * sizeof(int));
}

BOOST_AUTO_TEST_CASE(processes_that_are_recycled_are_restarts) {
    procpool::pool pool({.processes = 1, .max_tasks_per_worker = 1});
    for (int i = 0; i != 3; ++i)
        pool.apply(fn<twice>, i);
    BOOST_TEST(pool.stats().restarts >= 2U);
    BOOST_TEST(settled_stats(pool).succeeded == 3U);
}

BOOST_AUTO_TEST_CASE(a_task_that_ends_late_and_one_that_does_not_end_have_timed_out) {
    procpool::pool pool(with_grace(1, 20ms));
    const temporary_folder folder;
    const procpool::call_options soon{.timeout = 5ms};
    BOOST_CHECK_THROW(pool.apply(soon, fn<await_stop>, folder.file("a")), procpool::task_timeout);
    BOOST_TEST(settled_stats(pool).timed_out == 1U);
    BOOST_CHECK_THROW(pool.apply(soon, fn<ignore_everything>, folder.file("b")), procpool::task_timeout);
    const auto stats = settled_stats(pool);
    BOOST_TEST(stats.timed_out == 2U);
    BOOST_TEST(stats.lost == 0U);
    BOOST_TEST((stats.busy_time > 0ms)); // of the first; its time limit may begin a little before it
}

BOOST_AUTO_TEST_CASE(cancelled_calls_are_counted_whether_they_run_or_not) {
    procpool::pool pool(with_grace(1, endless));
    const temporary_folder folder;
    auto running = pool.apply_async(fn<await_stop>, folder.file("running"));
    auto queued = pool.apply_async(fn<twice>, 1);
    auto map = pool.map_async(fn<twice>, std::vector<int>(100));
    BOOST_TEST_REQUIRE(wait_for_lines(folder.file("running"), 1));
    BOOST_TEST(queued.cancel());
    BOOST_TEST(pool.stats().cancelled == 1U);
    BOOST_TEST(map.cancel());
    BOOST_TEST(pool.stats().cancelled == 101U);
    BOOST_TEST(pool.stats().running == 1U);
    BOOST_TEST(running.cancel());
    BOOST_CHECK_THROW(running.get(), procpool::task_cancelled);
    const auto stats = settled_stats(pool);
    BOOST_TEST(stats.cancelled == 102U);
    BOOST_TEST(stats.submitted == 102U);
}

BOOST_AUTO_TEST_CASE(a_task_that_is_cancelled_by_force_is_not_lost) {
    procpool::pool pool(with_grace(1, 0ns));
    const temporary_folder folder;
    auto running = pool.apply_async(fn<ignore_everything>, folder.file("running"));
    BOOST_TEST_REQUIRE(wait_for_lines(folder.file("running"), 1));
    BOOST_TEST(running.cancel());
    BOOST_CHECK_THROW(running.get(), procpool::task_cancelled);
    BOOST_TEST(settled_stats(pool).cancelled == 1U);
    BOOST_TEST(settled_stats(pool).lost == 0U);
}

BOOST_AUTO_TEST_CASE(items_of_a_dropped_stream_are_cancelled) {
    procpool::pool pool(1);
    const gate gate;
    {
        std::vector<std::string> inputs(10, gate.path());
        auto stream =
            pool.imap([](const std::string& path) { return pass(path, 1); }, inputs, {.max_in_flight = 10});
        BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    }
    BOOST_TEST(pool.stats().cancelled == 9U);
    BOOST_TEST(pool.stats().running == 1U);
    gate.open();
    pool.apply(fn<twice>, 1);
    BOOST_TEST(settled_stats(pool).succeeded == 2U);
}

BOOST_AUTO_TEST_CASE(terminate_abandons_what_runs_and_what_waits) {
    procpool::pool pool({.processes = 2, .initializer = fn<own_pid>});
    const gate gate;
    pool.apply(fn<twice>, 1);
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 20; ++i)
        results.push_back(pool.apply_async(fn<pass>, gate.path(), i));
    BOOST_TEST_REQUIRE(gate.wait_for_arrival(2));
    pool.terminate();
    BOOST_TEST(settled_stats(pool).abandoned == 20U);
    pool.join();
    const auto stats = settled_stats(pool);
    BOOST_TEST(stats.abandoned == 20U);
    BOOST_TEST(stats.succeeded == 1U);
    BOOST_TEST(stats.lost == 0U);
    BOOST_TEST(stats.submitted == 21U);
}

BOOST_AUTO_TEST_CASE(after_close_the_rest_is_counted_too) {
    procpool::pool pool(2);
    const gate gate;
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 8; ++i)
        results.push_back(pool.apply_async(fn<pass>, gate.path(), i));
    pool.close();
    BOOST_TEST(adds_up(pool.stats()));
    BOOST_TEST(pool.stats().submitted == 8U);
    gate.open();
    pool.join();
    BOOST_TEST(settled_stats(pool).succeeded == 8U);
    BOOST_CHECK_THROW(pool.apply(fn<twice>, 1), procpool::pool_closed);
    BOOST_TEST(settled_stats(pool).submitted == 8U);
}

BOOST_AUTO_TEST_CASE(an_item_that_no_worker_can_run_is_abandoned) {
    const temporary_folder folder;
    procpool::pool pool(
        {.processes = 1, .initializer = procpool::bind(fn<fail_if_exists>, folder.file("now"))});
    append_line(folder.file("now"), "now");
    BOOST_CHECK_THROW(pool.apply([] { kill_itself(); }), procpool::worker_lost);
    BOOST_CHECK_THROW(pool.apply(fn<twice>, 1), procpool::start_failed);
    const auto stats = settled_stats(pool);
    BOOST_TEST(stats.abandoned == 1U);
    BOOST_TEST(stats.lost == 1U);
    BOOST_TEST(stats.restarts >= 1U);
}

BOOST_AUTO_TEST_CASE(an_item_that_runs_again_is_submitted_once) {
    procpool::pool pool(with_grace(1, 20ms));
    const temporary_folder folder;
    pool.apply({.retries = 3}, fn<die_first>, folder.file("runs"), std::size_t{2});
    auto stats = settled_stats(pool);
    BOOST_TEST(stats.submitted == 1U);
    BOOST_TEST(stats.succeeded == 1U);
    BOOST_TEST(stats.retried == 2U);
    BOOST_TEST(stats.lost == 0U);
    BOOST_TEST(stats.restarts == 2U);
    const procpool::call_options late{.timeout = 5ms, .retries = 1};
    BOOST_CHECK_THROW(pool.apply(late, fn<await_stop>, folder.file("late")), procpool::task_timeout);
    stats = settled_stats(pool);
    BOOST_TEST(stats.retried == 3U);
    BOOST_TEST(stats.timed_out == 1U);
    BOOST_TEST(stats.submitted == 2U);
}

BOOST_AUTO_TEST_CASE(bytes_are_counted_wherever_they_lie) {
    procpool::pool pool(1);
    const auto size = [](const std::string& text) {
        return text.size();
    };
    const auto text = [](std::size_t length) {
        return std::string(length, 'x');
    };
    const auto check = [](std::uint64_t seen, std::uint64_t bytes) {
        BOOST_TEST(seen >= bytes);
        BOOST_TEST(seen <= bytes + 200);
    };
    for (const std::size_t bytes : {10U, 1000U, 100'000U, 10'000'000U}) {
        const auto before = pool.stats();
        pool.apply(size, std::string(bytes, 'x'));
        const auto sent = pool.stats();
        check(sent.argument_bytes - before.argument_bytes, bytes);
        pool.apply(text, bytes);
        const auto received = pool.stats();
        check(received.result_bytes - sent.result_bytes, bytes);
    }
}

BOOST_AUTO_TEST_CASE(times_lie_within_what_the_caller_measures) {
    procpool::pool pool(1);
    const gate gate;
    const auto begin = clock_type::now();
    const auto first = pool.apply_async(fn<pass>, gate.path(), 1);
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    const auto arrived = clock_type::now();
    const auto second = pool.apply_async(fn<twice>, 1);
    const auto submitted = clock_type::now();
    for (int i = 0; i != 100; ++i)
        BOOST_TEST(adds_up(pool.stats()));
    const auto opened = clock_type::now();
    gate.open();
    first.get();
    second.get();
    const auto end = clock_type::now();
    const auto stats = settled_stats(pool);
    BOOST_TEST(stats.run.count() == 2U);
    BOOST_TEST(stats.wait.count() == 2U);
    BOOST_TEST((stats.run.max() >= opened - arrived));
    BOOST_TEST((stats.run.max() <= end - begin));
    BOOST_TEST((stats.wait.max() >= opened - submitted));
    BOOST_TEST((stats.wait.max() <= end - begin));
    BOOST_TEST((stats.busy_time >= stats.run.max()));
    BOOST_TEST((stats.busy_time <= end - begin));
    BOOST_TEST((stats.busy_time == stats.run.sum()));
}

BOOST_AUTO_TEST_CASE(a_map_of_short_items_is_measured_as_a_whole) {
    procpool::pool pool(1);
    const auto begin = clock_type::now();
    pool.map(fn<twice>, std::vector<int>(100'000), {.chunk_size = 1000});
    const auto end = clock_type::now();
    const auto stats = settled_stats(pool);
    BOOST_TEST(stats.run.count() == 100'000U);
    BOOST_TEST(stats.wait.count() == 100'000U);
    BOOST_TEST((stats.busy_time <= end - begin));
    BOOST_TEST((stats.wait.max() <= end - begin));
    BOOST_TEST((stats.busy_time >= 100us)); // one nanosecond for each item
}

BOOST_AUTO_TEST_CASE(the_sum_holds_at_every_moment_for_every_thread) {
    auto pool = std::make_unique<procpool::pool>(with_grace(3, 1ms));
    const temporary_folder folder;
    std::optional<sampler> samples(*pool);
    std::vector<procpool::async_result<void>> dropped;
    for (int round = 0; round != 30; ++round) {
        std::vector<int> numbers(500);
        std::iota(numbers.begin(), numbers.end(), 0);
        auto squares = pool->map_async(fn<refuse_odd>, numbers, {.chunk_size = 50});
        auto retried = pool->apply_async({.retries = 2}, fn<die_first>,
                                         folder.file("runs" + std::to_string(round)), std::size_t{1});
        auto lost = pool->apply_async([] { kill_itself(); });
        auto cancelled = pool->map_async(fn<twice>, numbers);
        cancelled.cancel();
        auto late = pool->apply_async({.timeout = 1ms}, fn<await_stop>, folder.file("late"));
        if (const auto pid = pids_of(*pool)[static_cast<std::size_t>(round) % 3]; pid != 0)
            kill_process(pid);
        { auto stream = pool->imap(fn<twice>, numbers); }
        squares.wait();
        retried.wait();
        lost.wait();
        late.wait();
    }
    const gate gate;
    for (int i = 0; i != 100; ++i)
        static_cast<void>(pool->apply_async(fn<pass>, gate.path(), i));
    pool->terminate();
    pool->join();
    samples->end();
    BOOST_TEST(samples->wrong() == 0U);
    BOOST_TEST(samples->samples() != 0U);
    const auto stats = settled_stats(*pool);
    BOOST_TEST(stats.succeeded != 0U);
    BOOST_TEST(stats.threw != 0U);
    BOOST_TEST(stats.lost != 0U);
    BOOST_TEST(stats.cancelled != 0U);
    BOOST_TEST(stats.abandoned >= 97U);
    BOOST_TEST(stats.restarts != 0U);
    samples.reset();
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
