// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/seeded_random.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

// No task waits behind another one in a worker while another worker is idle: otherwise, tasks that wait for
// all others would wait for ever.
using procpool::test::temporary_folder;

namespace {

struct job {
    std::string file;
    std::size_t wait_for = 0; // for this many lines; 0: adds one
};

void run(const job& each) {
    if (each.wait_for == 0)
        procpool::test::append_line(each.file, "done");
    else if (!procpool::test::wait_for_lines(each.file, each.wait_for))
        throw std::runtime_error("the others did not run");
}

void run_short(procpool::pool& pool, int count) {
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != count; ++i)
        results.push_back(pool.apply_async([](int n) { return n; }, i));
    for (const auto& each : results)
        each.wait();
}

/// `count` jobs, of which those at `waiting` wait for all others.
std::vector<job> jobs(const std::string& file, std::size_t count, const std::vector<std::size_t>& waiting) {
    std::vector<job> out(count, job{file});
    for (const auto at : waiting)
        out[at].wait_for = count - waiting.size();
    return out;
}

void run_each(procpool::pool& pool, const std::vector<job>& all) {
    std::vector<procpool::async_result<void>> results;
    for (const auto& each : all)
        results.push_back(pool.apply_async(procpool::fn<run>, each));
    for (const auto& each : results)
        each.get();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(load_balance, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_long_item_does_not_hold_up_the_rest_of_its_chunk) {
    procpool::pool pool(2);
    for (const std::size_t at : {0U, 1U, 50U, 98U, 99U})
        for (const std::size_t chunk : {1U, 3U, 25U, 100U}) {
            BOOST_TEST_INFO_SCOPE("item " << at << ", chunk " << chunk);
            const temporary_folder folder;
            pool.map(procpool::fn<run>, jobs(folder.file("done"), 100, {at}), {.chunk_size = chunk});
            pool.map(procpool::fn<run>, jobs(folder.file("default"), 100, {at}));
        }
}

BOOST_AUTO_TEST_CASE(a_long_call_does_not_hold_up_those_given_ahead_of_need) {
    procpool::pool pool(2);
    for (const std::size_t at : {0U, 1U, 50U, 99U}) {
        BOOST_TEST_INFO_SCOPE("call " << at);
        const temporary_folder folder;
        run_short(pool, 3000); // the pool has learnt that tasks are short, and gives many ahead
        run_each(pool, jobs(folder.file("done"), 100, {at}));
    }
}

BOOST_AUTO_TEST_CASE(nobody_need_wait_for_results) {
    procpool::pool pool(2);
    const temporary_folder folder;
    run_short(pool, 3000);
    std::vector<procpool::async_result<void>> results;
    for (const auto& each : jobs(folder.file("done"), 200, {100}))
        results.push_back(pool.apply_async(procpool::fn<run>, each));
    BOOST_TEST(procpool::test::eventually([&] { return results[100].ready(); }));
    BOOST_TEST(results[100].successful());
}

BOOST_AUTO_TEST_CASE(all_workers_but_one_may_be_held_up) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    constexpr std::size_t workers = 4;
    procpool::pool pool(workers);
    for (int round = 0; round != 30; ++round) {
        BOOST_TEST_INFO_SCOPE("round " << round);
        const temporary_folder folder;
        const auto count = static_cast<std::size_t>(random.between(workers, 150));
        std::vector<std::size_t> waiting;
        auto at = static_cast<std::size_t>(random.below(count - workers + 1));
        for (std::size_t i = 0; i != workers - 1; ++i)
            waiting.push_back(at + i); // side by side, in one worker's window or chunk
        if (random.once_in(2))
            run_short(pool, 2000);
        if (random.once_in(2))
            run_each(pool, jobs(folder.file("done"), count, waiting));
        else
            pool.map(procpool::fn<run>, jobs(folder.file("done"), count, waiting),
                     {.chunk_size = static_cast<std::size_t>(random.between(1, count))});
    }
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
