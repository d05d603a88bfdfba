// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/exceptions.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <numeric>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

// A result throws what its task has thrown.
using procpool::test::temporary_folder;

namespace work {

int fail_with_argument(const std::string& what) {
    throw std::invalid_argument(what);
}

/// Items of a map: every seventh fails.
int sometimes(const std::string& file, int n) {
    procpool::test::append_line(file, std::to_string(n));
    if (n % 7 == 3)
        throw std::out_of_range("item " + std::to_string(n));
    return n;
}

/// Item 2 fails, but only after item 8 has.
void late(const std::string& file, int n) {
    if (n == 2 && !procpool::test::wait_for_file(file))
        throw std::logic_error("item 8 did not run");
    if (n == 8)
        procpool::test::append_line(file, "");
    if (n == 2 || n == 8)
        throw std::runtime_error(std::to_string(n));
}

void throw_number() {
    throw 42;
}

} // namespace work

namespace {

std::vector<std::pair<std::string, int>> calls(const std::string& file, int count) {
    std::vector<std::pair<std::string, int>> out;
    for (int i = 0; i != count; ++i)
        out.emplace_back(file, i);
    return out;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(task_errors, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_standard_exception_comes_back_as_itself) {
    procpool::pool pool(2);
    const auto result = pool.apply_async(procpool::fn<work::fail_with_argument>, "no such thing");
    for (int look = 0; look != 3; ++look) {
        try {
            result.get();
            BOOST_ERROR("nothing was thrown");
        } catch (const std::invalid_argument& caught) {
            BOOST_TEST(caught.what() == "no such thing");
            const auto* info = procpool::get_remote_info(caught);
            BOOST_REQUIRE(info != nullptr);
            const auto pids = procpool::test::pids_of(pool);
            BOOST_TEST((std::find(pids.begin(), pids.end(), info->worker_pid) != pids.end()));
            BOOST_TEST(info->task_name == "work::fail_with_argument");
            BOOST_TEST(info->type_name == "std::invalid_argument");
            BOOST_TEST(info->what == "no such thing");
            BOOST_TEST(!info->item_index.has_value());
        }
    }
    BOOST_TEST(result.ready());
    BOOST_TEST(!result.successful());
    BOOST_CHECK_THROW(pool.apply(procpool::fn<work::fail_with_argument>, "again"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(what_is_no_exception_comes_back_as_a_remote_error) {
    procpool::pool pool(1);
    try {
        pool.apply(procpool::fn<work::throw_number>);
        BOOST_ERROR("nothing was thrown");
    } catch (const procpool::remote_error& caught) {
        const auto* info = procpool::get_remote_info(caught);
        BOOST_REQUIRE(info != nullptr);
        BOOST_TEST(info->type_name == "int");
        BOOST_TEST(info->task_name == "work::throw_number");
        BOOST_TEST(info->worker_pid == pool.workers()[0].pid.value());
    }
    BOOST_CHECK_THROW(pool.apply([] { throw std::string("text"); }), procpool::remote_error);
    BOOST_CHECK_THROW(pool.apply([] { throw test_exceptions::not_an_exception{1}; }), procpool::remote_error);
}

BOOST_AUTO_TEST_CASE(a_registered_type_comes_back_as_itself) {
    procpool::pool pool(1);
    try {
        pool.apply([](int line) { throw test_exceptions::parse_error("bad token", line); }, 7);
        BOOST_ERROR("nothing was thrown");
    } catch (const test_exceptions::parse_error& caught) {
        BOOST_TEST(caught.what() == "bad token");
        BOOST_TEST(caught.line == 7);
        BOOST_TEST(procpool::get_remote_info(caught) != nullptr);
    }
}

BOOST_AUTO_TEST_CASE(error_codes_keep_their_category) {
    procpool::pool pool(1);
    try {
        pool.apply([] { throw std::system_error(ENOSPC, std::generic_category(), "disk"); });
        BOOST_ERROR("nothing was thrown");
    } catch (const std::system_error& caught) {
        BOOST_TEST((caught.code() == std::errc::no_space_on_device));
    }
    try {
        pool.apply([] {
            throw boost::system::system_error(
                boost::system::errc::make_error_code(boost::system::errc::io_error));
        });
        BOOST_ERROR("nothing was thrown");
    } catch (const boost::system::system_error& caught) {
        BOOST_TEST((caught.code() == boost::system::errc::io_error));
    }
}

BOOST_AUTO_TEST_CASE(a_text_of_any_length_arrives) {
    procpool::pool pool(1);
    for (const std::size_t length : {0U, 1U, 16'000U, 17'000U, 3'000'000U}) {
        try {
            pool.apply([](std::size_t n) { throw std::runtime_error(std::string(n, 'x')); }, length);
            BOOST_ERROR("nothing was thrown");
        } catch (const std::runtime_error& caught) {
            BOOST_TEST(std::string(caught.what()).size() == length);
        }
    }
    BOOST_TEST(pool.apply([] { return 1; }) == 1);
}

BOOST_AUTO_TEST_CASE(what_is_nested_in_an_exception_arrives) {
    procpool::pool pool(1);
    try {
        pool.apply([] {
            try {
                throw std::range_error("inner");
            } catch (...) {
                std::throw_with_nested(std::runtime_error("outer"));
            }
        });
        BOOST_ERROR("nothing was thrown");
    } catch (const std::runtime_error& outer) {
        BOOST_TEST(outer.what() == "outer");
        BOOST_CHECK_EXCEPTION(std::rethrow_if_nested(outer), std::range_error,
                              [](const auto& inner) { return std::string(inner.what()) == "inner"; });
    }
}

BOOST_AUTO_TEST_CASE(a_failed_item_is_named_and_all_others_run) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 3U, 1000U}) {
        const temporary_folder folder;
        const auto file = folder.file("ran");
        try {
            pool.starmap(procpool::fn<work::sometimes>, calls(file, 200), {.chunk_size = chunk});
            BOOST_ERROR("nothing was thrown");
        } catch (const std::out_of_range& caught) {
            BOOST_TEST(caught.what() == "item 3");
            const auto* info = procpool::get_remote_info(caught);
            BOOST_REQUIRE(info != nullptr);
            BOOST_TEST(info->item_index.value() == 3U);
            BOOST_TEST(info->task_name == "work::sometimes");
        }
        auto ran = procpool::test::lines_of(file);
        std::sort(ran.begin(), ran.end());
        BOOST_TEST(ran.size() == 200U);
        BOOST_TEST((std::unique(ran.begin(), ran.end()) == ran.end()));
    }
}

BOOST_AUTO_TEST_CASE(the_lowest_failing_index_counts_not_the_first_to_fail) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 2U, 5U, 10U}) {
        const temporary_folder folder;
        BOOST_CHECK_EXCEPTION(
            pool.starmap(procpool::fn<work::late>, calls(folder.file("eight"), 10), {.chunk_size = chunk}),
            std::runtime_error, [](const auto& caught) {
                return std::string(caught.what()) == "2" &&
                       procpool::get_remote_info(caught)->item_index.value() == 2U;
            });
    }
}

BOOST_AUTO_TEST_CASE(no_worker_is_lost_by_thousands_of_exceptions) {
    procpool::pool pool(2);
    const auto before = procpool::test::pids_of(pool);
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 2000; ++i)
        results.push_back(
            pool.apply_async([](int n) { return n % 2 == 0 ? n : throw std::logic_error("odd"); }, i));
    int thrown = 0;
    for (const auto& each : results) {
        try {
            each.get();
        } catch (const std::logic_error&) {
            ++thrown;
        }
    }
    BOOST_TEST(thrown == 1000);
    BOOST_TEST((procpool::test::pids_of(pool) == before));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
