// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

// A worker that dies in the middle of a chunk loses one item: earlier items keep their results, later ones
// run elsewhere, and none runs twice.
using procpool::test::temporary_folder;

namespace work {

/// Writes its number to a file, which would show a second run; then dies, or returns a value.
std::string run(const std::string& file, int item, bool fatal, std::size_t result_bytes) {
    procpool::test::append_line(file, std::to_string(item));
    if (fatal)
        procpool::test::kill_itself();
    return std::string(result_bytes, 'r');
}

int run_small(const std::string& file, int item, bool fatal, std::size_t) {
    run(file, item, fatal, 0);
    return item;
}

void run_silent(const std::string& file, int item, bool fatal, std::size_t) {
    run(file, item, fatal, 0);
}

} // namespace work

namespace {

using call = std::tuple<std::string, int, bool, std::size_t>;

std::vector<call> calls(const std::string& file, int count, const std::vector<int>& fatal,
                        std::size_t bytes = 0) {
    std::vector<call> out;
    for (int i = 0; i != count; ++i)
        out.emplace_back(file, i, std::find(fatal.begin(), fatal.end(), i) != fatal.end(), bytes);
    return out;
}

/// Checks that every item has run once.
void check_runs(const std::string& file, int count) {
    auto ran = procpool::test::lines_of(file);
    BOOST_TEST(ran.size() == static_cast<std::size_t>(count));
    std::sort(ran.begin(), ran.end());
    BOOST_TEST((std::adjacent_find(ran.begin(), ran.end()) == ran.end()));
}

template <class Task>
void check(procpool::pool& pool, Task task, int count, const std::vector<int>& fatal, std::size_t chunk,
           std::size_t bytes = 0) {
    BOOST_TEST_INFO_SCOPE("items " << count << ", first fatal " << fatal.front() << ", chunk " << chunk
                                   << ", bytes " << bytes);
    const temporary_folder folder;
    const auto file = folder.file("ran");
    try {
        pool.starmap(task, calls(file, count, fatal, bytes), {.chunk_size = chunk});
        BOOST_ERROR("nothing was thrown");
    } catch (const procpool::worker_lost& caught) {
        const auto* info = procpool::get_remote_info(caught);
        BOOST_REQUIRE(info != nullptr);
        BOOST_TEST(info->item_index.value() == static_cast<std::size_t>(fatal.front()));
        BOOST_TEST(info->worker_pid == caught.pid());
        BOOST_TEST(procpool::test::was_killed(caught));
        BOOST_TEST(caught.task_name().starts_with("work::run"));
    }
    check_runs(file, count);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(chunk_death, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(one_item_is_lost_wherever_it_is_in_its_chunk) {
    procpool::pool pool(2);
    for (const int fatal : {0, 1, 5, 18, 19})
        for (const std::size_t chunk : {1U, 3U, 20U})
            check(pool, procpool::fn<work::run_small>, 20, {fatal}, chunk);
}

BOOST_AUTO_TEST_CASE(results_that_were_not_yet_published_are_kept) {
    procpool::pool pool(1);
    // Many short items are published together, and are found in the record that the worker was building.
    for (const int fatal : {7, 100, 399}) {
        check(pool, procpool::fn<work::run_small>, 400, {fatal}, 400);
        check(pool, procpool::fn<work::run_silent>, 400, {fatal}, 400);
        check(pool, procpool::fn<work::run>, 400, {fatal}, 400, 20);
    }
}

BOOST_AUTO_TEST_CASE(results_of_any_size_are_kept) {
    procpool::pool pool(2);
    for (const std::size_t bytes : {0U, 100U, 4000U, 20'000U, 1'000'000U})
        check(pool, procpool::fn<work::run>, 30, {17}, 30, bytes);
}

BOOST_AUTO_TEST_CASE(several_items_of_a_chunk_may_be_fatal) {
    procpool::pool pool(2);
    check(pool, procpool::fn<work::run_small>, 30, {3, 4, 11, 29}, 30);
    check(pool, procpool::fn<work::run>, 30, {0, 1, 2}, 10, 300);
    check(pool, procpool::fn<work::run_silent>, 6, {0, 1, 2, 3, 4, 5}, 6);
}

BOOST_AUTO_TEST_CASE(with_one_worker_the_items_after_it_run_in_its_replacement) {
    procpool::pool pool(1);
    const temporary_folder folder;
    const auto file = folder.file("ran");
    BOOST_CHECK_THROW(pool.starmap(procpool::fn<work::run_small>, calls(file, 10, {4}), {.chunk_size = 10}),
                      procpool::worker_lost);
    std::vector<std::string> expected;
    for (int i = 0; i != 10; ++i)
        expected.push_back(std::to_string(i));
    BOOST_TEST(procpool::test::lines_of(file) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
