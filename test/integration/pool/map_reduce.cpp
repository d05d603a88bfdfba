// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// Maps whose results are combined, in the workers and then in the parent.
using procpool::test::lines_of;
using procpool::test::temporary_folder;
using namespace std::chrono_literals;

namespace {

std::int64_t square(int n) {
    return std::int64_t{n} * n;
}
std::int64_t add(std::int64_t a, std::int64_t b) {
    return a + b;
}

std::string text_of(int n) {
    return std::to_string(n) + ',';
}
std::string join(const std::string& a, const std::string& b) {
    return a + b;
}

using counts = std::map<std::string, int>;
counts letters(const std::string& word) {
    counts out;
    for (const char c : word)
        ++out[std::string(1, c)];
    return out;
}
counts merge(counts into, const counts& from) {
    for (const auto& [letter, count] : from)
        into[letter] += count;
    return into;
}

int odd_only(int n) {
    if (n % 2 == 0)
        throw std::invalid_argument("even: " + std::to_string(n));
    return n;
}

int add_up_to(int most, int a, int b) {
    if (a + b > most)
        throw std::overflow_error("more than " + std::to_string(most));
    return a + b;
}
struct bounded {
    int most;
    int operator()(int a, int b) const { return add_up_to(most, a, b); }
};

int record(const std::string& file, int n) {
    procpool::test::append_line(file, std::to_string(n));
    return n;
}
struct recorder {
    std::string file;
    int bad = -1;
    int operator()(int n) const {
        const auto before = lines_of(file);
        record(file, n);
        if (n == bad && std::count(before.begin(), before.end(), std::to_string(n)) == 0)
            procpool::test::kill_itself();
        return n;
    }
};

int wait_if(int n) {
    if (n == 5)
        procpool::test::sleep_for_ever();
    return n;
}

long own_pid(int) {
    return procpool::test::own_pid();
}

/// Counts the combined values that come from workers already combined.
struct where {
    std::size_t parts = 1;
    long pid = 0;
};
where here(int) {
    return {1, procpool::test::own_pid()};
}
where closer(const where& a, const where& b) {
    return {a.parts + (a.pid != b.pid), b.pid};
}

std::vector<int> numbers(int count) {
    std::vector<int> out(static_cast<std::size_t>(count));
    std::iota(out.begin(), out.end(), 0);
    return out;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(map_reduce, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(results_are_added_up) {
    procpool::pool pool(3);
    for (const int count : {1, 2, 3, 10, 1000, 30'000}) {
        std::int64_t expected = 7;
        for (int n = 0; n != count; ++n)
            expected += square(n);
        BOOST_TEST(pool.map_reduce(procpool::fn<square>, numbers(count), procpool::fn<add>,
                                   std::int64_t{7}) == expected);
        BOOST_TEST(pool.map_reduce([](int n) { return square(n); }, numbers(count), std::plus<>(),
                                   std::int64_t{7}) == expected);
    }
}

BOOST_AUTO_TEST_CASE(order_is_kept_whatever_the_chunks) {
    procpool::pool pool(3);
    std::string expected = "begin:";
    for (int n = 0; n != 700; ++n)
        expected += text_of(n);
    for (const std::size_t chunk : {1U, 2U, 7U, 100U, 1000U})
        BOOST_TEST(pool.map_reduce(procpool::fn<text_of>, numbers(700), procpool::fn<join>,
                                   std::string("begin:"), {.chunk_size = chunk}) == expected);
}

BOOST_AUTO_TEST_CASE(values_of_any_kind_are_combined) {
    procpool::pool pool(2);
    const std::vector<std::string> words{"anna", "otto", "hannah"};
    const auto got = pool.map_reduce(procpool::fn<letters>, words, procpool::fn<merge>, counts{{"x", 1}},
                                     {.chunk_size = 2});
    BOOST_TEST((got == counts{{"a", 4}, {"h", 2}, {"n", 4}, {"o", 2}, {"t", 2}, {"x", 1}}));
}

BOOST_AUTO_TEST_CASE(big_values_are_combined) {
    procpool::pool pool(2);
    const std::vector<std::string> parts(10, std::string(3'000'000, 'p'));
    const auto got = pool.map_reduce([](std::string text) { return text; }, parts, procpool::fn<join>,
                                     std::string(), {.chunk_size = 3});
    BOOST_TEST(got.size() == 30'000'000u);
}

BOOST_AUTO_TEST_CASE(an_empty_range_yields_init) {
    procpool::pool pool(1);
    BOOST_TEST(
        pool.map_reduce(procpool::fn<square>, std::vector<int>(), procpool::fn<add>, std::int64_t{5}) == 5);
}

BOOST_AUTO_TEST_CASE(results_of_a_chunk_are_combined_in_the_worker) {
    procpool::pool pool(1);
    // In the parent, only the results of the two chunks are combined, and with init.
    const auto got = pool.map_reduce(procpool::fn<here>, numbers(1000), procpool::fn<closer>,
                                     where{0, procpool::test::own_pid()}, {.chunk_size = 500});
    BOOST_TEST(got.parts == 1u);
}

BOOST_AUTO_TEST_CASE(the_error_of_the_lowest_item_is_thrown) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 3U, 100U})
        try {
            pool.map_reduce(procpool::fn<odd_only>, std::vector<int>{1, 3, 5, 8, 7, 6}, std::plus<>(), 0,
                            {.chunk_size = chunk});
            BOOST_ERROR("nothing was thrown");
        } catch (const std::invalid_argument& e) {
            BOOST_TEST(e.what() == "even: 8");
            BOOST_TEST_REQUIRE(procpool::get_remote_info(e) != nullptr);
            BOOST_TEST((procpool::get_remote_info(e)->item_index == std::size_t{3}));
        }
}

BOOST_AUTO_TEST_CASE(a_reducer_that_throws_fails_the_call) {
    procpool::pool pool(1);
    BOOST_CHECK_THROW(pool.map_reduce([](int n) { return n; }, numbers(10), bounded{20}, 0), // in the worker
                      std::overflow_error);
    try {
        pool.map_reduce([](int n) { return n; }, numbers(10), bounded{20}, 0, {.chunk_size = 4}); // in both
        BOOST_ERROR("nothing was thrown");
    } catch (const std::overflow_error& e) {
        BOOST_TEST(e.what() == "more than 20");
    }
    BOOST_CHECK_THROW(pool.map_reduce([](int n) { return n; }, std::vector<int>{1}, bounded{20}, 20), // here
                      std::overflow_error);
    BOOST_TEST(pool.map_reduce([](int n) { return n; }, numbers(5), bounded{20}, 0) == 10);
}

BOOST_AUTO_TEST_CASE(a_worker_that_dies_costs_what_it_had_not_told) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const recorder task{folder.file("ran"), 6};
    BOOST_CHECK_THROW(pool.map_reduce(task, numbers(10), std::plus<>(), 0, {.chunk_size = 10}),
                      procpool::worker_lost);
    auto ran = lines_of(folder.file("ran"));
    std::sort(ran.begin(), ran.end());
    BOOST_TEST((std::adjacent_find(ran.begin(), ran.end()) == ran.end()), "an item ran twice");
    BOOST_TEST(ran.size() == 10u);
}

BOOST_AUTO_TEST_CASE(what_was_lost_may_be_tried_again) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const recorder task{folder.file("ran"), 6};
    BOOST_TEST(pool.map_reduce(task, numbers(10), std::plus<>(), 0, {.chunk_size = 10, .retries = 1}) == 45);
    BOOST_TEST(lines_of(folder.file("ran")).size() == 17u); // 0 to 6 twice
}

BOOST_AUTO_TEST_CASE(time_is_limited_item_by_item) {
    procpool::pool pool({.processes = 1, .terminate_grace = 10ms});
    try {
        pool.map_reduce(procpool::fn<wait_if>, numbers(10), std::plus<>(), 0,
                        {.chunk_size = 10, .timeout = 100ms});
        BOOST_ERROR("nothing was thrown");
    } catch (const procpool::task_timeout& e) {
        BOOST_TEST_REQUIRE(procpool::get_remote_info(e) != nullptr);
        BOOST_TEST((procpool::get_remote_info(e)->item_index == std::size_t{5}));
    }
    BOOST_TEST(pool.map_reduce(procpool::fn<wait_if>, numbers(5), std::plus<>(), 0, {.timeout = 10s}) == 10);
}

BOOST_AUTO_TEST_CASE(work_that_waits_in_one_worker_is_taken_by_another) {
    procpool::pool pool(2);
    const auto pids = pool.map_reduce(
        [](int n) {
            std::this_thread::sleep_for(1ms * (n < 100 ? 2 : 0));
            return std::vector<long>{own_pid(n)};
        },
        numbers(100),
        [](std::vector<long> a, const std::vector<long>& b) {
            a.insert(a.end(), b.begin(), b.end());
            return a;
        },
        std::vector<long>(), {.chunk_size = 100});
    BOOST_TEST(pids.size() == 100u);
    BOOST_TEST(std::count(pids.begin(), pids.end(), pids.front()) < 100);
}

BOOST_AUTO_TEST_CASE(it_may_be_waited_for_cancelled_and_watched) {
    procpool::pool pool({.processes = 1, .terminate_grace = 10ms});
    std::size_t last = 0;
    auto result = pool.map_reduce_async(procpool::fn<square>, numbers(100), std::plus<>(), std::int64_t{0},
                                        {.on_progress = [&last](const procpool::progress& p) {
                                            last = p.done;
                                        }});
    BOOST_TEST(result.get() == 328'350);
    BOOST_TEST(last == 100u);
    auto stuck = pool.map_reduce_async(procpool::fn<wait_if>, std::vector<int>{5}, std::plus<>(), 0);
    BOOST_TEST(stuck.cancel());
    BOOST_CHECK_THROW(stuck.get(), procpool::task_cancelled);
    pool.close();
    BOOST_CHECK_THROW(
        pool.map_reduce(procpool::fn<square>, std::vector<int>(), std::plus<>(), std::int64_t{0}),
        procpool::pool_closed);
    pool.join();
}

BOOST_AUTO_TEST_CASE(processes_may_be_recycled_meanwhile) {
    procpool::pool pool({.processes = 2, .max_tasks_per_worker = 7});
    BOOST_TEST(pool.map_reduce(procpool::fn<square>, numbers(100), procpool::fn<add>, std::int64_t{0}) ==
               328'350);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
