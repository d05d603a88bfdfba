// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// A pool that grows and shrinks while it works.
using procpool::test::eventually;
using procpool::test::lines_of;
using procpool::test::pids_of;
using procpool::test::temporary_folder;
using namespace std::chrono_literals;

namespace {

int twice(int n) {
    return 2 * n;
}

/// Returns when `count` calls have reached this point.
void meet(const std::string& file, std::size_t count) {
    procpool::test::append_line(file, "here");
    if (!eventually([&] { return lines_of(file).size() >= count; }))
        throw std::runtime_error("the others did not come");
}

long hold(const std::string& started, const std::string& go_on) {
    procpool::test::append_line(started, "started");
    procpool::test::wait_for_file(go_on);
    return procpool::test::own_pid();
}

void refuse_in(const std::string& file) {
    if (!lines_of(file).empty())
        throw std::runtime_error("no more workers");
}

/// Once `hang` has a line, waits until `go_on` has one.
void hang_in(const std::string& hang, const std::string& go_on) {
    if (lines_of(hang).empty())
        return;
    procpool::test::append_line(hang, "hangs");
    procpool::test::wait_for_file(go_on);
}

bool no_process_has(long pid) {
    return !procpool::test::is_alive(pid);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(resize, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_grown_pool_runs_more_at_a_time) {
    const temporary_folder folder;
    procpool::pool pool(1);
    pool.resize(4);
    BOOST_TEST(pool.size() == 4u);
    const auto pids = pids_of(pool);
    BOOST_TEST(std::set<long>(pids.begin(), pids.end()).size() == 4u);
    BOOST_TEST(std::count(pids.begin(), pids.end(), 0) == 0);
    pool.starmap(procpool::fn<meet>,
                 std::vector<std::tuple<std::string, std::size_t>>(4, {folder.file("met"), 4}));
}

BOOST_AUTO_TEST_CASE(a_shrunk_pool_ends_those_of_the_highest_indices) {
    procpool::pool pool(4);
    const auto before = pids_of(pool);
    pool.resize(1);
    BOOST_TEST(pool.size() == 1u);
    BOOST_TEST(pids_of(pool) == std::vector<long>{before.front()}, boost::test_tools::per_element());
    for (std::size_t i = 1; i != before.size(); ++i)
        BOOST_TEST(eventually([&] { return no_process_has(before[i]); }));
    BOOST_TEST(pool.apply(procpool::fn<twice>, 4) == 8);
    BOOST_TEST(pids_of(pool) == std::vector<long>{before.front()}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_worker_that_is_too_many_finishes_what_it_runs) {
    const temporary_folder folder;
    procpool::pool pool(2);
    std::vector<procpool::async_result<long>> held;
    for (int i = 0; i != 2; ++i)
        held.push_back(pool.apply_async(procpool::fn<hold>, folder.file("started"), folder.file("go")));
    BOOST_TEST(eventually([&] { return lines_of(folder.file("started")).size() == 2; }));
    auto later = pool.map_async(procpool::fn<twice>, std::vector<int>(100, 3));
    const auto before = pids_of(pool);
    pool.resize(1);
    BOOST_TEST(!held[0].ready());
    procpool::test::append_line(folder.file("go"), "");
    BOOST_TEST(std::set<long>({held[0].get(), held[1].get()}) == std::set<long>(before.begin(), before.end()),
               boost::test_tools::per_element());
    BOOST_TEST(later.get() == std::vector<int>(100, 6), boost::test_tools::per_element());
    BOOST_TEST(eventually([&] { return no_process_has(before[1]); }));
}

BOOST_AUTO_TEST_CASE(work_that_waits_goes_to_new_workers) {
    const temporary_folder folder;
    procpool::pool pool(1);
    auto held = pool.apply_async(procpool::fn<hold>, folder.file("started"), folder.file("go"));
    auto later = pool.map_async(procpool::fn<twice>, std::vector<int>(100, 3));
    BOOST_TEST(eventually([&] { return !lines_of(folder.file("started")).empty(); }));
    pool.resize(2);
    BOOST_TEST(later.get() == std::vector<int>(100, 6), boost::test_tools::per_element());
    BOOST_TEST(!held.ready());
    procpool::test::append_line(folder.file("go"), "");
    held.get();
}

BOOST_AUTO_TEST_CASE(sizes_may_change_all_the_time) {
    procpool::pool pool(2);
    std::vector<int> numbers(20'000);
    std::iota(numbers.begin(), numbers.end(), 0);
    std::vector<int> doubled;
    for (const int n : numbers)
        doubled.push_back(2 * n);
    std::thread resizes([&] {
        for (int round = 0; round != 15; ++round)
            for (const std::size_t size : {1U, 4U, 2U, 3U})
                pool.resize(size);
    });
    for (int round = 0; round != 20; ++round)
        BOOST_TEST((pool.map(procpool::fn<twice>, numbers, {.chunk_size = 50}) == doubled));
    resizes.join();
    BOOST_TEST(pool.size() == 3u);
    BOOST_TEST((pool.map(procpool::fn<twice>, numbers) == doubled));
    pool.close();
    pool.join();
}

BOOST_AUTO_TEST_CASE(several_threads_may_resize) {
    procpool::pool pool(1);
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i != 4; ++i)
        threads.emplace_back([&pool, i] {
            for (int round = 0; round != 5; ++round)
                pool.resize(1 + (i + static_cast<std::size_t>(round)) % 3);
        });
    for (auto& each : threads)
        each.join();
    pool.resize(2);
    BOOST_TEST(pool.apply(procpool::fn<twice>, 4) == 8);
    BOOST_TEST(pool.workers().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_callback_may_resize) {
    procpool::pool pool(1);
    auto result = pool.apply_async(procpool::fn<twice>, 1);
    result.on_success([&pool](int) { pool.resize(2); });
    result.get();
    BOOST_TEST(eventually([&] { return pool.size() == 2; }));
    pool.close();
    pool.join();
}

BOOST_AUTO_TEST_CASE(new_workers_run_the_initializer_and_recycle) {
    const temporary_folder folder;
    procpool::pool pool({.processes = 1,
                         .initializer = procpool::bind(procpool::fn<refuse_in>, folder.file("refuse")),
                         .max_tasks_per_worker = 2});
    pool.resize(3);
    BOOST_TEST(pool.map(procpool::fn<twice>, std::vector<int>(30, 1)).size() == 30u);
    pool.resize(1);
    BOOST_TEST(pool.map(procpool::fn<twice>, std::vector<int>(10, 1)).size() == 10u);
}

BOOST_AUTO_TEST_CASE(a_worker_that_cannot_be_started_leaves_the_pool_as_it_was) {
    const temporary_folder folder;
    procpool::pool pool(
        {.processes = 2, .initializer = procpool::bind(procpool::fn<refuse_in>, folder.file("refuse"))});
    const auto before = pids_of(pool);
    procpool::test::append_line(folder.file("refuse"), "now");
    try {
        pool.resize(3);
        BOOST_ERROR("a worker was started");
    } catch (const procpool::start_failed& e) {
        BOOST_TEST(std::string(e.what()).find("no more workers") != std::string::npos);
    }
    BOOST_TEST(pool.size() == 2u);
    BOOST_TEST(pids_of(pool) == before, boost::test_tools::per_element());
    BOOST_TEST(pool.apply(procpool::fn<twice>, 4) == 8);
}

BOOST_AUTO_TEST_CASE(a_resize_that_another_call_overtakes_returns_at_once) {
    using overtaking_call = void (*)(procpool::pool&);
    for (const overtaking_call overtake : {overtaking_call([](procpool::pool& pool) { pool.resize(1); }),
                                           overtaking_call([](procpool::pool& pool) { pool.close(); }),
                                           overtaking_call([](procpool::pool& pool) { pool.terminate(); })}) {
        const temporary_folder folder;
        procpool::pool pool({.processes = 1,
                             .initializer = procpool::bind(procpool::fn<hang_in>, folder.file("hang"),
                                                           folder.file("go"))});
        procpool::test::append_line(folder.file("hang"), "from now on");
        auto resized = std::async(std::launch::async, [&] { pool.resize(2); });
        BOOST_TEST(eventually([&] { return lines_of(folder.file("hang")).size() == 2; }));
        overtake(pool);
        BOOST_TEST(eventually([&] { return resized.wait_for(0s) == std::future_status::ready; }));
        procpool::test::append_line(folder.file("go"), "");
        resized.get();
    }
}

BOOST_AUTO_TEST_CASE(impossible_sizes_and_closed_pools_are_refused) {
    procpool::pool pool(1);
    BOOST_CHECK_THROW(pool.resize(0), std::invalid_argument);
    BOOST_CHECK_THROW(pool.resize(1'000'000), std::invalid_argument);
    pool.close();
    BOOST_CHECK_THROW(pool.resize(2), procpool::pool_closed);
    pool.join();
    BOOST_TEST(pool.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
