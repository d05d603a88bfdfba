// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <list>
#include <new>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

// worker_memory_limit: a task that allocates too much fails, and nothing else does.
namespace {

using namespace procpool::test;
using procpool::fn;

constexpr std::size_t megabyte = 1'000'000;
constexpr std::size_t limit = 200 * megabyte;

/// Allocates memory and writes to all of it.
std::size_t take(std::size_t bytes) {
    const std::vector<char> taken(bytes, 'x');
    return static_cast<std::size_t>(std::accumulate(taken.begin(), taken.end(), std::size_t{0})) / 'x';
}

/// Allocates it in small pieces, until there is no more.
void take_everything() {
    std::list<std::string> taken;
    for (;;)
        taken.emplace_back(100, 'x');
}

/// Likewise, and never frees it.
void keep_everything() {
    static auto* const taken = new std::list<std::string>;
    for (;;)
        taken->emplace_back(100, 'x');
}

/// Checks that the call fails for lack of memory, in either of the two ways.
template <class Function>
void check_no_memory(Function function) {
    try {
        function();
        BOOST_ERROR("nothing was thrown");
    } catch (const std::bad_alloc& caught) {
        BOOST_TEST(procpool::get_remote_info(caught) != nullptr);
    } catch (const procpool::worker_lost&) {
    }
}

procpool::pool limited_pool(std::size_t processes) {
    return procpool::pool({.processes = processes, .worker_memory_limit = limit});
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(worker_memory_limit, nothing_left_behind)

BOOST_AUTO_TEST_CASE(what_is_within_the_limit_works) {
    auto pool = limited_pool(1);
    for (int i = 0; i != 3; ++i)
        BOOST_TEST(pool.apply(fn<take>, limit / 2) == limit / 2);
}

BOOST_AUTO_TEST_CASE(too_big_an_allocation_is_a_bad_alloc_and_the_worker_goes_on) {
    auto pool = limited_pool(1);
    const auto pid = pool.apply(fn<own_pid>);
    for (int i = 0; i != 10; ++i)
        BOOST_CHECK_THROW(pool.apply(fn<take>, 2 * limit), std::bad_alloc);
    BOOST_TEST(pool.apply(fn<own_pid>) == pid);
    BOOST_TEST(pool.apply(fn<take>, limit / 2) == limit / 2);
}

BOOST_AUTO_TEST_CASE(memory_that_is_taken_bit_by_bit_counts_too) {
    auto pool = limited_pool(1);
    for (int i = 0; i != 3; ++i) {
        check_no_memory([&] { pool.apply(fn<take_everything>); });
        BOOST_TEST(pool.apply(fn<take>, limit / 4) == limit / 4);
    }
}

BOOST_AUTO_TEST_CASE(a_worker_that_has_no_memory_left_can_still_say_so) {
    procpool::pool pool({.processes = 1, .max_tasks_per_worker = 5, .worker_memory_limit = limit});
    for (int i = 0; i != 5; ++i)
        check_no_memory([&] { pool.apply(fn<keep_everything>); });
    BOOST_TEST(pool.apply(fn<take>, limit / 4) == limit / 4); // in another process
}

BOOST_AUTO_TEST_CASE(items_of_a_map_fail_alone) {
    auto pool = limited_pool(2);
    std::vector<std::size_t> sizes(40, megabyte);
    sizes[17] = 3 * limit;
    sizes[23] = 2 * limit;
    try {
        pool.map(fn<take>, sizes, {.chunk_size = 8});
        BOOST_ERROR("nothing was thrown");
    } catch (const std::bad_alloc& caught) {
        const auto* const info = procpool::get_remote_info(caught);
        BOOST_REQUIRE(info != nullptr);
        BOOST_TEST((info->item_index == std::size_t{17}));
    }
    std::size_t good = 0;
    auto stream = pool.imap(fn<take>, sizes);
    for (std::size_t i = 0; i != sizes.size(); ++i) {
        if (sizes[i] > limit)
            BOOST_CHECK_THROW(stream.next(), std::bad_alloc);
        else
            good += stream.next().value() == megabyte;
    }
    BOOST_TEST(good == 38U);
}

BOOST_AUTO_TEST_CASE(shared_memory_does_not_count) {
    auto pool = limited_pool(2);
    const std::vector<char> much(limit + 10 * megabyte, 1);
    const auto last = [](std::span<const char> bytes) {
        return bytes.size() + static_cast<std::size_t>(bytes.back());
    };
    for (int i = 0; i != 3; ++i)
        BOOST_TEST(pool.apply(last, much) == much.size() + 1);
}

BOOST_AUTO_TEST_CASE(an_argument_that_becomes_private_memory_counts) {
    auto pool = limited_pool(1);
    const std::string much(limit + 10 * megabyte, 'x');
    // The argument cannot be decoded, so only this task fails.
    BOOST_CHECK_THROW(pool.apply([](const std::string& text) { return text.size(); }, much), std::exception);
    BOOST_TEST(pool.apply([](const std::string& text) { return text.size(); }, "short") == 5U);
}

BOOST_AUTO_TEST_CASE(replacements_are_limited_too) {
    auto pool = limited_pool(1);
    BOOST_CHECK_THROW(pool.apply([] { std::_Exit(0); }), procpool::worker_lost);
    BOOST_CHECK_THROW(pool.apply(fn<take>, 2 * limit), std::bad_alloc);
}

BOOST_AUTO_TEST_CASE(the_initializer_is_limited_too) {
    try {
        const procpool::pool pool({.processes = 1,
                                   .initializer = procpool::bind(fn<take>, 2 * limit),
                                   .worker_memory_limit = limit});
        BOOST_ERROR("nothing was thrown");
    } catch (const procpool::start_failed& caught) {
        BOOST_TEST(std::string(caught.what()).find("bad_alloc") != std::string::npos, caught.what());
    }
}

BOOST_AUTO_TEST_CASE(a_limit_that_no_process_can_live_with_hangs_nobody) {
    try {
        procpool::pool pool({.processes = 1, .worker_memory_limit = 1});
        check_no_memory([&] { pool.apply(fn<take>, 10 * megabyte); });
    } catch (const procpool::start_failed&) {
    }
    BOOST_CHECK_THROW(procpool::pool({.processes = 1, .worker_memory_limit = 0}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_parent_is_not_limited) {
    auto pool = limited_pool(1);
    BOOST_TEST(pool.apply(fn<own_pid>) != own_pid());
    BOOST_TEST(take(2 * limit) == 2 * limit);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
