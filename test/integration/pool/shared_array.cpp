// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/shared_array.hpp>

#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/shared_arrays.hpp"

#include <procpool/detail/codec/heap_encoder.hpp>
#include <procpool/procpool.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

// The contents of a shared_array in several processes, and its cost.
using namespace procpool::test;
using procpool::shared_array;

namespace {
namespace work {

int sum(const ints& array) {
    return sum_of(array);
}
void fill(const ints& array, int value) {
    std::fill(array.span().begin(), array.span().end(), value);
}
ints echo(const ints& array) {
    return array;
}
std::size_t bytes_of_nothing(const ints& array) {
    return array.size() + array.span().size() + (array.data() == nullptr ? 0U : 1U);
}
std::vector<int> descriptors(const std::vector<ints>&) {
    return open_descriptors();
}

} // namespace work

} // namespace

BOOST_FIXTURE_TEST_SUITE(shared_arrays, nothing_left_behind)

BOOST_AUTO_TEST_CASE(its_elements_are_zero) {
    const shared_array<std::uint64_t> array(1000);
    BOOST_TEST(array.size() == 1000U);
    BOOST_TEST(array.span().size() == 1000U);
    BOOST_TEST(array.span().data() == array.data());
    for (const auto each : array.span())
        BOOST_REQUIRE(each == 0U);
}

BOOST_AUTO_TEST_CASE(a_worker_that_was_started_before_sees_it_and_writes_to_it) {
    procpool::pool pool(2);
    const auto array = counted(1000);
    BOOST_TEST(pool.apply(procpool::fn<work::sum>, array) == 500'500);
    array.data()[0] = 2;
    BOOST_TEST(pool.apply(procpool::fn<work::sum>, array) == 500'501);
    pool.apply(procpool::fn<work::fill>, array, 3);
    BOOST_TEST(sum_of(array) == 3000);
}

BOOST_AUTO_TEST_CASE(tasks_of_a_map_work_on_one_array) {
    procpool::pool pool(2);
    const shared_array<std::uint32_t> array(5000);
    std::vector<std::pair<shared_array<std::uint32_t>, std::size_t>> parts;
    for (std::size_t i = 0; i != array.size(); ++i)
        parts.emplace_back(array, i);
    const auto square = [](const shared_array<std::uint32_t>& all, std::size_t i) {
        all.data()[i] = static_cast<std::uint32_t>(i * i);
    };
    pool.starmap(square, parts);
    for (std::size_t i = 0; i != array.size(); ++i)
        BOOST_REQUIRE(array.data()[i] == i * i);
}

BOOST_AUTO_TEST_CASE(workers_change_the_same_element_by_atomic_operations) {
    procpool::pool pool(2);
    const shared_array<std::int64_t> array(1);
    const auto add = [](const shared_array<std::int64_t>& to) {
        for (int i = 0; i != 1000; ++i)
            std::atomic_ref(to.data()[0]).fetch_add(1);
    };
    pool.map(add, std::vector(20, array));
    BOOST_TEST(array.data()[0] == 20'000);
}

BOOST_AUTO_TEST_CASE(an_array_of_size_0_is_one_too) {
    procpool::pool pool(1);
    for (const auto& each : {ints(), ints(0)}) {
        BOOST_TEST(each.size() == 0U);
        BOOST_TEST(each.data() == nullptr);
        BOOST_TEST(each.span().empty());
        BOOST_TEST(pool.apply(procpool::fn<work::bytes_of_nothing>, each) == 0U);
        BOOST_TEST(pool.apply(procpool::fn<work::echo>, each).size() == 0U);
    }
    BOOST_TEST(segments_are(0));
}

BOOST_AUTO_TEST_CASE(an_absurd_size_is_bad_alloc) {
    procpool::pool pool(1);
    for (const auto size :
         {std::numeric_limits<std::size_t>::max(), std::numeric_limits<std::size_t>::max() / sizeof(int),
          std::numeric_limits<std::size_t>::max() / sizeof(int) - 15, std::size_t{1} << 58}) {
        BOOST_CHECK_THROW(ints{size}, std::bad_alloc);
        BOOST_CHECK_THROW(pool.apply([](std::size_t n) { return ints(n); }, size), std::bad_alloc);
    }
    BOOST_TEST(pool.apply(procpool::fn<work::sum>, counted(3)) == 6);
}

BOOST_AUTO_TEST_CASE(a_temporary_is_there_when_the_task_looks) {
    procpool::pool pool(2);
    std::vector<procpool::async_result<int>> sums;
    for (int i = 0; i != 100; ++i)
        sums.push_back(pool.apply_async(procpool::fn<work::sum>, counted(10, i)));
    for (int i = 0; i != 100; ++i)
        BOOST_TEST(sums[static_cast<std::size_t>(i)].get() == 45 + 10 * i);
    const auto mapped = pool.map(procpool::fn<work::sum>, std::vector{counted(2), counted(3), counted(4)});
    BOOST_TEST(mapped == (std::vector{3, 6, 10}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(more_results_than_a_worker_can_keep_arrive) {
    procpool::pool pool(1);
    std::vector<std::size_t> sizes(500);
    std::iota(sizes.begin(), sizes.end(), 1U);
    const auto arrays = pool.map([](std::size_t size) { return counted(size); }, sizes);
    for (std::size_t i = 0; i != sizes.size(); ++i)
        BOOST_REQUIRE(sum_of(arrays[i]) == static_cast<int>(sizes[i] * (sizes[i] + 1) / 2));
}

BOOST_AUTO_TEST_CASE(a_thousand_live_arrays_take_no_descriptor) {
    procpool::pool pool(1);
    const auto here = open_descriptors();
    const auto there = pool.apply(procpool::fn<work::descriptors>, std::vector<ints>());
    std::vector<ints> arrays;
    for (int i = 0; i != 1000; ++i)
        arrays.push_back(counted(1, i));
    BOOST_TEST(pool.apply(procpool::fn<work::descriptors>, arrays) == there,
               boost::test_tools::per_element());
    const auto sums = pool.map(procpool::fn<work::sum>, arrays);
    for (int i = 0; i != 1000; ++i)
        BOOST_REQUIRE(sums[static_cast<std::size_t>(i)] == i);
    BOOST_TEST(open_descriptors() == here, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_thousand_arrays_after_one_another_leave_no_descriptor) {
    procpool::pool pool(1);
    const auto here = open_descriptors();
    const auto there = pool.apply(procpool::fn<work::descriptors>, std::vector<ints>());
    for (int i = 0; i != 1000; ++i)
        BOOST_REQUIRE(sum_of(pool.apply(procpool::fn<work::echo>, counted(3, i))) == 3 + 3 * i);
    BOOST_TEST(open_descriptors() == here, boost::test_tools::per_element());
    BOOST_TEST(pool.apply(procpool::fn<work::descriptors>, std::vector<ints>()) == there,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_gibibyte_is_sent_without_being_touched) {
    procpool::pool pool(1);
    const shared_array<std::byte> array(std::size_t{1} << 30);
    const auto mark = [](const shared_array<std::byte>& of) {
        of.span().back() = std::byte{1};
        return of.size();
    };
    for (int i = 0; i != 100; ++i)
        BOOST_REQUIRE(pool.apply(mark, array) == std::size_t{1} << 30);
    BOOST_TEST((array.span().back() == std::byte{1}));
    BOOST_TEST(segments_are(1));
    for (const auto& each : segments_of(own_pid()))
        BOOST_TEST(each.bytes_there < (1U << 20));
}

BOOST_AUTO_TEST_CASE(threads_of_a_process_may_attach_and_let_go_of_it_at_once) {
    procpool::pool pool(1);
    const auto array = counted(10);
    procpool::detail::heap_encoder encoded; // keeps the array here while the worker attaches it by the bytes
    encoded.write(array);
    const std::vector<std::byte> bytes(encoded.bytes().begin(), encoded.bytes().end());
    const auto race = [](const std::vector<std::byte>& from) {
        std::atomic<int> right{0};
        std::vector<std::thread> threads;
        for (int i = 0; i != 4; ++i)
            threads.emplace_back([&] {
                for (int round = 0; round != 500; ++round) {
                    procpool::decoder in(from);
                    right += sum_of(in.read<ints>()) == 55;
                }
            });
        for (auto& each : threads)
            each.join();
        return right.load();
    };
    BOOST_TEST(pool.apply(race, bytes) == 2000);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
