// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

// A pool inside a task.
using namespace procpool::test;

namespace {

int square(int n) {
    return n * n;
}

int sum_of_squares(int count) {
    procpool::pool inner(2);
    std::vector<int> items(static_cast<std::size_t>(count));
    std::iota(items.begin(), items.end(), 0);
    const auto squares = inner.map(procpool::fn<square>, items);
    return std::accumulate(squares.begin(), squares.end(), 0);
}

int three_deep(int depth) {
    if (depth == 0)
        return static_cast<int>(procpool::this_worker::index());
    procpool::pool inner(1);
    return 1 + inner.apply(procpool::fn<three_deep>, depth - 1);
}

void tell_and_hang(const std::string& file) {
    append_line(file, std::to_string(own_pid()));
    sleep_for_ever();
}

void hang_in_inner_pool(const std::string& file) {
    procpool::pool inner(2);
    const auto one = inner.apply_async(procpool::fn<tell_and_hang>, file);
    inner.apply(procpool::fn<tell_and_hang>, file);
}

/// In a worker it was never constructed: main() does not get this far there.
std::optional<procpool::pool> of_the_parent;

int use_the_parents_pool() {
    return of_the_parent->apply(procpool::fn<square>, 2);
}

bool all_gone(const std::vector<std::string>& pids) {
    return std::none_of(pids.begin(), pids.end(), [](const auto& each) { return is_alive(std::stol(each)); });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(nested, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_task_may_have_a_pool) {
    procpool::pool pool(2);
    BOOST_TEST(
        (pool.map(procpool::fn<sum_of_squares>, std::vector{0, 1, 4, 10}) == std::vector{0, 0, 14, 285}));
    BOOST_TEST(pool.apply(procpool::fn<three_deep>, 3) == 3);
}

BOOST_AUTO_TEST_CASE(the_pool_of_the_parent_is_refused_in_a_task) {
    of_the_parent.emplace(1U);
    auto result = of_the_parent->apply_async(procpool::fn<use_the_parents_pool>);
    BOOST_CHECK_EXCEPTION(result.get(), std::logic_error, [](const std::logic_error& why) {
        return std::string(why.what()).find("is the parent's") != std::string::npos;
    });
    BOOST_TEST(of_the_parent->apply(procpool::fn<square>, 3) == 9);
    of_the_parent.reset();
}

BOOST_AUTO_TEST_CASE(an_inner_failure_comes_all_the_way) {
    procpool::pool pool(1);
    BOOST_CHECK_THROW(pool.apply([] {
        procpool::pool inner(1);
        inner.apply([] { throw std::domain_error("deep down"); });
    }),
                      std::domain_error);
    BOOST_CHECK_THROW(pool.apply([] {
        procpool::pool inner(1);
        inner.apply([] { kill_itself(); });
    }),
                      procpool::worker_lost);
    BOOST_TEST(pool.apply(procpool::fn<square>, 3) == 9);
}

BOOST_AUTO_TEST_CASE(inner_workers_end_with_the_outer_pool) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const auto result = pool.apply_async(procpool::fn<hang_in_inner_pool>, folder.file("pids"));
    BOOST_REQUIRE(wait_for_lines(folder.file("pids"), 2));
    pool.terminate();
    pool.join();
    BOOST_CHECK_THROW(result.get(), procpool::pool_terminated);
    BOOST_TEST(eventually([&] { return all_gone(lines_of(folder.file("pids"))); }));
}

BOOST_AUTO_TEST_CASE(inner_workers_end_with_the_outer_worker) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const auto result = pool.apply_async(procpool::fn<hang_in_inner_pool>, folder.file("pids"));
    BOOST_REQUIRE(wait_for_lines(folder.file("pids"), 2));
    kill_process(pool.workers()[0].pid.value());
    BOOST_CHECK_THROW(result.get(), procpool::worker_lost);
    BOOST_TEST(eventually([&] { return all_gone(lines_of(folder.file("pids"))); }));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
