// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// Very short items are sent, claimed and reported many at a time, which must not be noticeable.
using namespace std::chrono_literals;
using counts = procpool::shared_array<std::uint32_t>;

namespace work {

/// The state of the tasks in this worker: sent in advance, so that an item is only a number and takes some
/// nanoseconds.
struct {
    counts ran; // all items at place 0, and each at its own
    int long_one = -1;
    std::uint32_t others = 0;
    std::vector<int> fatal;
} now;

void prepare(const counts& ran, int long_one, const std::vector<int>& fatal) {
    now = {ran, long_one, static_cast<std::uint32_t>(ran.size() - 2), fatal};
}

void count(std::size_t at) {
    std::atomic_ref(now.ran.data()[at]).fetch_add(1);
}

/// The long item waits until all others have run.
int run(int item) {
    if (item == now.long_one) {
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (std::atomic_ref(now.ran.data()[0]).load() != now.others) {
            if (std::chrono::steady_clock::now() > until)
                throw std::runtime_error("the others did not run");
            std::this_thread::yield();
        }
    } else {
        count(0);
    }
    count(static_cast<std::size_t>(item) + 1);
    return item;
}

int die_at_some(int item) {
    count(static_cast<std::size_t>(item) + 1);
    if (std::find(now.fatal.begin(), now.fatal.end(), item) != now.fatal.end())
        procpool::test::kill_itself();
    return item;
}

int throw_at_sevenths(int item) {
    if (item % 7 == 3)
        throw std::out_of_range(std::to_string(item));
    return -item;
}

struct point {
    double x = 0;
    std::int32_t weight = 0;

    friend bool operator==(const point&, const point&) = default;
};

point mirrored(point p) {
    return {-p.x, p.weight};
}

} // namespace work

namespace {

constexpr int many = 3000;

std::size_t not_run_once(const counts& ran) {
    const auto of_items = ran.span().subspan(1);
    return static_cast<std::size_t>(
        std::count_if(of_items.begin(), of_items.end(), [](std::uint32_t n) { return n != 1; }));
}

std::vector<int> numbers(int count) {
    std::vector<int> out(static_cast<std::size_t>(count));
    std::iota(out.begin(), out.end(), 0);
    return out;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(short_items, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(one_that_waits_for_the_others_of_its_chunk_does_not_wait_for_ever) {
    procpool::pool pool(2);
    for (const int long_one : {0, 1, 5, 700, 1503, many - 2, many - 1})
        for (const std::size_t chunk : {10U, 700U, 3000U}) {
            BOOST_TEST_INFO_SCOPE("item " << long_one << ", chunk " << chunk);
            const counts ran(many + 1);
            pool.broadcast(procpool::fn<work::prepare>, ran, long_one, std::vector<int>());
            BOOST_TEST(
                (pool.map(procpool::fn<work::run>, numbers(many), {.chunk_size = chunk}) == numbers(many)));
            BOOST_TEST(not_run_once(ran) == 0U);
        }
}

BOOST_AUTO_TEST_CASE(one_that_is_fatal_costs_itself_and_none_runs_twice) {
    const std::vector<int> fatal{0, 1, 100, 101, 1777, many - 1};
    for (const std::size_t workers : {1U, 2U}) {
        const counts ran(many + 1);
        procpool::pool pool({.processes = workers,
                             .initializer = procpool::bind(procpool::fn<work::prepare>, ran, -1, fatal)});
        BOOST_CHECK_THROW(pool.map(procpool::fn<work::die_at_some>, numbers(many), {.chunk_size = many}),
                          procpool::worker_lost);
        BOOST_TEST(not_run_once(ran) == 0U);
    }
}

BOOST_AUTO_TEST_CASE(those_that_throw_do_so_in_their_place) {
    procpool::pool pool(2);
    std::size_t wrong = 0;
    int item = 0;
    auto results = pool.imap(procpool::fn<work::throw_at_sevenths>, numbers(many), {.chunk_size = 500});
    for (; item != many; ++item) {
        try {
            const auto value = results.next();
            wrong += item % 7 == 3 || !value || *value != -item;
        } catch (const std::out_of_range& caught) {
            wrong += item % 7 != 3 || std::string(caught.what()).find(std::to_string(item)) != 0;
        }
    }
    BOOST_TEST(!results.next().has_value());
    BOOST_TEST(wrong == 0U);
    BOOST_CHECK_THROW(pool.map(procpool::fn<work::throw_at_sevenths>, numbers(many)), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(plain_items_come_from_any_range) {
    procpool::pool pool(2);
    std::vector<work::point> points;
    std::vector<work::point> expected;
    for (int i = 0; i != many; ++i) {
        points.push_back({i * 0.5, i});
        expected.push_back({i * -0.5, i});
    }
    const auto check = [&](auto&& range, std::size_t size) {
        for (const std::size_t chunk : {1U, 64U, 3000U}) {
            const auto got = pool.map(procpool::fn<work::mirrored>, range, {.chunk_size = chunk});
            BOOST_TEST((got == std::vector<work::point>(expected.begin(),
                                                        expected.begin() + static_cast<long>(size))));
        }
        BOOST_TEST((pool.map(procpool::fn<work::mirrored>, range).size() == size));
    };
    check(points, points.size());
    check(std::as_const(points), points.size());
    check(std::span<const work::point>(points).first(17), 17);
    check(std::deque<work::point>(points.begin(), points.end()), points.size());
    check(std::array<work::point, 2>{points[0], points[1]}, 2);
    check(std::vector<work::point>(), 0);
}

BOOST_AUTO_TEST_CASE(many_items_go_and_come_in_pieces) {
    procpool::pool pool(2);
    const auto got = pool.map([](int n) { return n + 1LL; }, numbers(1'000'000));
    std::size_t wrong = 0;
    for (std::size_t i = 0; i != got.size(); ++i)
        wrong += got[i] != static_cast<long long>(i) + 1;
    BOOST_TEST(got.size() == 1'000'000U);
    BOOST_TEST(wrong == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
