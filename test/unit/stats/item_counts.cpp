// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "stats/item_counts.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <limits>

using namespace std::chrono_literals;
using procpool::counting::ending;

namespace {

constexpr auto absurd = std::numeric_limits<std::uint64_t>::max();

struct counts_fixture {
    procpool::counting::item_counts counts;

    procpool::pool_stats stats() const { return counts.stats(0); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(item_counts, counts_fixture)

BOOST_AUTO_TEST_CASE(what_has_not_ended_and_does_not_run_is_queued) {
    counts.submitted(10, 300);
    counts.submitted(1, 20);
    counts.ended(ending::succeeded, 3);
    const auto seen = counts.stats(2);
    BOOST_TEST(seen.submitted == 11u);
    BOOST_TEST(seen.queued == 6u);
    BOOST_TEST(seen.running == 2u);
    BOOST_TEST(seen.succeeded == 3u);
    BOOST_TEST(seen.argument_bytes == 320u);
}

BOOST_AUTO_TEST_CASE(each_ending_has_a_counter) {
    counts.submitted(21, 0);
    counts.ended(ending::succeeded, 1);
    counts.ended(ending::threw, 2);
    counts.ended(ending::lost, 3);
    counts.ended(ending::timed_out, 4);
    counts.ended(ending::cancelled, 5);
    counts.ended(ending::abandoned, 6);
    BOOST_TEST(stats().succeeded == 1u);
    BOOST_TEST(stats().threw == 2u);
    BOOST_TEST(stats().lost == 3u);
    BOOST_TEST(stats().timed_out == 4u);
    BOOST_TEST(stats().cancelled == 5u);
    BOOST_TEST(stats().abandoned == 6u);
    BOOST_TEST(stats().queued == 0u);
}

BOOST_AUTO_TEST_CASE(an_item_that_is_run_again_stays_in_the_pool) {
    counts.submitted(1, 0);
    counts.retried();
    counts.restarted();
    BOOST_TEST(stats().retried == 1u);
    BOOST_TEST(stats().restarts == 1u);
    BOOST_TEST(stats().queued == 1u);
}

BOOST_AUTO_TEST_CASE(an_item_waits_from_its_submission_to_its_begin_and_then_runs) {
    counts.submitted(1, 0);
    counts.ran(ending::threw, 1, {1'000, 1'300, 50});
    BOOST_TEST(stats().threw == 1u);
    BOOST_TEST((stats().wait.max() == 300ns));
    BOOST_TEST((stats().run.max() == 50ns));
    BOOST_TEST((stats().busy_time == 50ns));
}

BOOST_AUTO_TEST_CASE(items_of_one_record_begin_one_after_the_other) {
    counts.submitted(4, 0);
    counts.ran(ending::succeeded, 4, {1'000, 1'010, 100});
    const auto seen = stats();
    BOOST_TEST(seen.wait.count() == 4u);
    BOOST_TEST((seen.wait.quantile(0) == 16ns)); // 10
    BOOST_TEST((seen.wait.max() == 310ns));
    BOOST_TEST((seen.wait.sum() == 640ns)); // 10 + 110 + 210 + 310
    BOOST_TEST(seen.run.count() == 4u);
    BOOST_TEST((seen.run.sum() == 400ns));
    BOOST_TEST((seen.busy_time == 400ns));
}

BOOST_AUTO_TEST_CASE(no_item_begins_before_its_submission) {
    counts.submitted(3, 0);
    counts.ran(ending::succeeded, 1, {1'000, 990, 50});
    BOOST_TEST((stats().wait.max() == 0ns));
    BOOST_TEST((stats().run.max() == 40ns));
    counts.ran(ending::succeeded, 2, {1'000, 900, 100}); // 100 ns of both together
    BOOST_TEST((stats().wait.max() == 50ns));
    BOOST_TEST((stats().run.max() == 50ns));
    BOOST_TEST((stats().busy_time == 140ns));
}

BOOST_AUTO_TEST_CASE(an_item_that_ended_before_its_submission_took_no_time) {
    counts.submitted(1, 0);
    counts.ran(ending::succeeded, 1, {1'000, 0, 50});
    BOOST_TEST(stats().run.count() == 1u);
    BOOST_TEST((stats().run.max() == 0ns));
    BOOST_TEST((stats().wait.max() == 0ns));
}

BOOST_AUTO_TEST_CASE(what_was_not_measured_only_counts) {
    counts.submitted(1, 0);
    counts.ran(ending::succeeded, 1, {1'000, 1'300, 0});
    BOOST_TEST(stats().succeeded == 1u);
    BOOST_TEST(stats().wait.count() == 0u);
    BOOST_TEST(stats().run.count() == 0u);
}

BOOST_AUTO_TEST_CASE(late_results_keep_workers_busy) {
    counts.ran_in_vain(3, {1'000, 1'300, 10});
    BOOST_TEST((stats().busy_time == 30ns));
    BOOST_TEST(stats().run.count() == 0u);
}

BOOST_AUTO_TEST_CASE(times_that_cannot_be_true_are_ignored) {
    counts.submitted(8, 0);
    counts.ran(ending::succeeded, 2, {1'000, 1'300, absurd});
    counts.ran(ending::succeeded, 2, {1'000, 1'300, absurd / 2 + 1}); // twice: an overflow
    counts.ran(ending::succeeded, 2, {1'000, 1'300, absurd / 4});
    counts.ran(ending::succeeded, 1, {1'000, absurd, 100});
    counts.ran(ending::succeeded, 1, {1'000, absurd / 2, 100});
    BOOST_TEST(stats().succeeded == 8u);
    BOOST_TEST(stats().run.count() == 0u);
    BOOST_TEST(stats().wait.count() == 0u);
    BOOST_TEST((stats().busy_time == 200ns)); // of the last two
}

BOOST_AUTO_TEST_CASE(the_busy_time_does_not_overflow) {
    constexpr std::uint64_t year = std::uint64_t{365} * 24 * 3600 * 1'000'000'000;
    for (int i = 0; i != 1000; ++i)
        counts.ran_in_vain(1, {0, 0, year});
    BOOST_TEST((stats().busy_time == std::chrono::nanoseconds::max()));
}

BOOST_AUTO_TEST_SUITE_END()
