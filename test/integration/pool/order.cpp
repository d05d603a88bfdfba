// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/use_future.hpp>

#include <cstddef>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// The order in which tasks run, and how many run at a time.
using procpool::test::temporary_folder;

namespace {

void record(const std::string& file, int n) {
    procpool::test::append_line(file, std::to_string(n));
}

struct record_in {
    std::string file;
    void operator()(int n) const { record(file, n); }
};

void record_with_ballast(const std::string& file, int n, const std::string&) {
    record(file, n);
}

/// Returns when `count` calls have reached this point.
void meet(const std::string& file, std::size_t count) {
    procpool::test::append_line(file, "here");
    if (!procpool::test::wait_for_lines(file, count))
        throw std::runtime_error("not everybody came");
}

std::vector<std::pair<std::string, int>> calls(const std::string& file, int first, int count) {
    std::vector<std::pair<std::string, int>> out;
    for (int i = 0; i != count; ++i)
        out.emplace_back(file, first + i);
    return out;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(order, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(one_worker_runs_what_it_is_given_in_the_order_of_submission) {
    const temporary_folder folder;
    const auto file = folder.file("order");
    procpool::pool pool(1);
    std::vector<procpool::async_result<void>> results;
    int next = 0;
    const auto single = [&] {
        results.push_back(pool.apply_async(procpool::fn<record>, file, next++));
    };
    const auto some = [&](int count, std::size_t chunk) {
        results.push_back(
            pool.starmap_async(procpool::fn<record>, calls(file, next, count), {.chunk_size = chunk}));
        next += count;
    };
    for (int round = 0; round != 20; ++round) {
        single();
        some(10, 1);
        single();
        some(10, 4);
        some(3, 100);
        results.push_back(pool.apply_async(procpool::fn<record_with_ballast>, file, next++,
                                           std::string(static_cast<std::size_t>(round) * 5000, 'x')));
        single();
    }
    pool.apply(procpool::fn<record>, file, next++);
    for (const auto& result : results)
        BOOST_TEST(result.ready());
    std::vector<std::string> expected;
    for (int i = 0; i != next; ++i)
        expected.push_back(std::to_string(i));
    BOOST_TEST(procpool::test::lines_of(file) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(streams_and_operations_keep_their_place_in_that_order) {
    const temporary_folder folder;
    const auto file = folder.file("order");
    procpool::pool pool(1);
    std::vector<procpool::async_result<void>> results;
    std::vector<std::future<void>> operations;
    std::vector<procpool::result_stream<void>> streams;
    int next = 0;
    for (int round = 0; round != 10; ++round) {
        results.push_back(pool.apply_async(procpool::fn<record>, file, next++));
        operations.push_back(
            pool.async_apply(procpool::bind(procpool::fn<record>, file, next++), boost::asio::use_future));
        streams.push_back(pool.imap(record_in{file}, std::vector{next, next + 1, next + 2},
                                    {.chunk_size = 2, .max_in_flight = 4}));
        next += 3;
        results.push_back(pool.starmap_async(procpool::fn<record>, calls(file, next, 2)));
        next += 2;
    }
    pool.apply(procpool::fn<record>, file, next++);
    for (auto& each : operations)
        each.get();
    std::vector<std::string> expected;
    for (int i = 0; i != next; ++i)
        expected.push_back(std::to_string(i));
    BOOST_TEST(procpool::test::lines_of(file) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(as_many_tasks_run_at_a_time_as_there_are_workers) {
    constexpr std::size_t workers = 9;
    procpool::pool pool(workers);
    const temporary_folder folder;
    std::vector<procpool::async_result<void>> results;
    for (std::size_t i = 0; i != workers; ++i)
        results.push_back(pool.apply_async(procpool::fn<meet>, folder.file("calls"), workers));
    for (const auto& result : results)
        result.get();
    pool.starmap(procpool::fn<meet>, std::vector(workers, std::pair(folder.file("map"), workers)));
    pool.starmap(procpool::fn<meet>, std::vector(workers, std::pair(folder.file("items"), workers)),
                 {.chunk_size = 1});
    pool.starmap(procpool::fn<meet>, std::vector(workers, std::pair(folder.file("chunk"), workers)),
                 {.chunk_size = workers});
}

BOOST_AUTO_TEST_CASE(two_maps_share_the_workers) {
    procpool::pool pool(4);
    const temporary_folder folder;
    // The first map alone would delay the second if it took all workers until its end.
    const auto first = pool.starmap_async(procpool::fn<meet>,
                                          std::vector(2, std::pair(folder.file("both"), std::size_t{4})));
    const auto second = pool.starmap_async(procpool::fn<meet>,
                                           std::vector(2, std::pair(folder.file("both"), std::size_t{4})));
    first.get();
    second.get();
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
