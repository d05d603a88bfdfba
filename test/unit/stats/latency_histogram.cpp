// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/pool_stats.hpp>

#include "support/seeded_random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

namespace {

struct histogram_fixture {
    procpool::latency_histogram histogram;

    void add_all(const std::vector<std::int64_t>& durations) {
        for (const auto each : durations)
            histogram.add(nanoseconds(each));
    }
};

bool same(const procpool::latency_histogram& a, const procpool::latency_histogram& b) {
    for (std::size_t i = 0; i != a.buckets; ++i)
        if (a.count_in(i) != b.count_in(i))
            return false;
    return a.sum() == b.sum() && a.max() == b.max();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(latency_histogram, histogram_fixture)

BOOST_AUTO_TEST_CASE(an_empty_one_has_only_zeros) {
    BOOST_TEST(histogram.count() == 0u);
    BOOST_TEST((histogram.max() == 0ns));
    BOOST_TEST((histogram.sum() == 0ns));
    for (const auto q : {0.0, 0.5, 1.0})
        BOOST_TEST((histogram.quantile(q) == 0ns));
}

BOOST_AUTO_TEST_CASE(a_bound_belongs_to_its_bucket) {
    add_all({0, 1, 2, 3, 4, 5, 1024, 1025});
    BOOST_TEST(histogram.count() == 8u);
    BOOST_TEST(histogram.count_in(0) == 2u);  // 0, 1
    BOOST_TEST(histogram.count_in(1) == 1u);  // 2
    BOOST_TEST(histogram.count_in(2) == 2u);  // 3, 4
    BOOST_TEST(histogram.count_in(3) == 1u);  // 5
    BOOST_TEST(histogram.count_in(10) == 1u); // 1024
    BOOST_TEST(histogram.count_in(11) == 1u); // 1025
    BOOST_TEST((histogram.bound(10) == 1024ns));
}

BOOST_AUTO_TEST_CASE(the_longest_durations_have_a_bucket_and_their_sum_does_not_overflow) {
    histogram.add(nanoseconds::max());
    histogram.add(nanoseconds::max());
    BOOST_TEST(histogram.count_in(histogram.buckets - 1) == 2u);
    BOOST_TEST((histogram.bound(histogram.buckets - 1) == nanoseconds::max()));
    BOOST_TEST((histogram.sum() == nanoseconds::max()));
    BOOST_TEST((histogram.max() == nanoseconds::max()));
    BOOST_TEST((histogram.quantile(0.5) == nanoseconds::max()));
}

BOOST_AUTO_TEST_CASE(a_negative_duration_is_none) {
    histogram.add(-5ns);
    histogram.add(nanoseconds::min());
    BOOST_TEST(histogram.count_in(0) == 2u);
    BOOST_TEST((histogram.sum() == 0ns));
    BOOST_TEST((histogram.quantile(1) == 0ns));
}

BOOST_AUTO_TEST_CASE(the_quantiles_of_one_duration_are_that_duration) {
    histogram.add(1000ns);
    for (const auto q : {0.0, 0.5, 0.99, 1.0})
        BOOST_TEST((histogram.quantile(q) == 1000ns));
}

BOOST_AUTO_TEST_CASE(a_fraction_beyond_0_and_1_is_refused) {
    for (const auto q : {-0.001, 1.001, std::numeric_limits<double>::quiet_NaN()})
        BOOST_CHECK_THROW(histogram.quantile(q), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_quantile_is_within_a_factor_of_two) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    for (int round = 0; round != 200; ++round) {
        histogram = {};
        std::vector<std::int64_t> durations;
        for (auto left = 1 + random.below(100); left != 0; --left)
            durations.push_back(static_cast<std::int64_t>(random.number() >> (1 + random.below(62))));
        add_all(durations);
        std::sort(durations.begin(), durations.end());
        BOOST_TEST(histogram.max().count() == durations.back());
        for (const auto q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 1.0}) {
            const auto rank = std::max(1.0, std::ceil(q * static_cast<double>(durations.size())));
            const auto exact = durations[static_cast<std::size_t>(rank) - 1];
            const auto found = histogram.quantile(q).count();
            BOOST_TEST_REQUIRE(found >= exact);
            BOOST_TEST_REQUIRE(found / 2 <= std::max<std::int64_t>(exact, 1));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_series_is_as_its_members) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    for (int round = 0; round != 300; ++round) {
        const nanoseconds first(static_cast<std::int64_t>(random.number() >> (24 + random.below(40))));
        const nanoseconds step(random.once_in(5) ? 0 : static_cast<std::int64_t>(random.below(1000)));
        const auto count = random.below(300);
        procpool::latency_histogram series;
        series.add_series(first, step, count);
        procpool::latency_histogram single;
        for (std::uint64_t i = 0; i != count; ++i)
            single.add(first + step * static_cast<std::int64_t>(i));
        BOOST_TEST_REQUIRE(same(series, single));
    }
}

BOOST_AUTO_TEST_CASE(a_series_beyond_the_longest_duration_ends_there) {
    histogram.add_series(nanoseconds::max() - 10ns, 6ns, 4);
    histogram.add_series(nanoseconds::max(), nanoseconds::max(), 10'000'000'000);
    histogram.add_series(-1s, -1s, 7);
    BOOST_TEST(histogram.count() == 10'000'000'011u);
    BOOST_TEST(histogram.count_in(0) == 7u);
    BOOST_TEST((histogram.max() == nanoseconds::max()));
    BOOST_TEST((histogram.sum() == nanoseconds::max()));
}

BOOST_AUTO_TEST_SUITE_END()
