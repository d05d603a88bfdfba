// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include "support/pool_main.hpp"

#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

// The ways to pass arguments and to get results.
namespace {

using namespace std::chrono_literals;

int prepared = 0;
int prepare() {
    return prepared = 5;
}
int look() {
    return prepared;
}
int square(int n) {
    return n * n;
}
double add(double a, double b) {
    return a + b;
}
std::string join(const std::string& a, const std::string& b) {
    return a + b;
}
int fail() {
    throw std::domain_error("no");
}
void sleep_until_told() {
    const auto stop = procpool::this_task::stop_token();
    while (!stop.stop_requested())
        std::this_thread::sleep_for(1ms);
}

} // namespace

BOOST_AUTO_TEST_SUITE(call_forms)

BOOST_AUTO_TEST_CASE(braced_lists_are_ranges) {
    procpool::pool pool(2);
    BOOST_TEST(pool.map(procpool::fn<square>, {1, 2, 3}) == (std::vector{1, 4, 9}),
               boost::test_tools::per_element());
    BOOST_TEST(pool.map(procpool::fn<square>, {}).empty());
    BOOST_TEST(pool.starmap(procpool::fn<add>, {{1, 2}, {3, 4.5}}) == (std::vector{3.0, 7.5}),
               boost::test_tools::per_element());
    BOOST_TEST(pool.starmap(procpool::fn<join>, {{"a", "b"}, {"c", "d"}}) ==
                   (std::vector<std::string>{"ab", "cd"}),
               boost::test_tools::per_element());
    BOOST_TEST(pool.starmap(procpool::fn<add>, {std::tuple(1, 2)}).front() == 3.0);
    BOOST_TEST(pool.map_reduce(procpool::fn<square>, {1, 2, 3}, std::plus<>(), 0) == 14);
}

BOOST_AUTO_TEST_CASE(a_stream_keeps_a_braced_list) {
    procpool::pool pool(2);
    auto stream = pool.imap(procpool::fn<square>, {1, 2, 3, 4, 5}, {.max_in_flight = 1});
    auto any_order = pool.imap_unordered([](int n) { return n; }, {1, 2, 3});
    int sum = 0;
    for (const int each : stream)
        sum += each;
    BOOST_TEST(sum == 55);
    for (const int each : any_order)
        sum += each;
    BOOST_TEST(sum == 61);
}

BOOST_AUTO_TEST_CASE(apply_takes_options) {
    procpool::pool pool(1);
    BOOST_TEST(pool.apply({.timeout = 10s}, procpool::fn<square>, 3) == 9);
    BOOST_CHECK_THROW(pool.apply({.timeout = 10ms}, procpool::fn<sleep_until_told>), procpool::task_timeout);
}

BOOST_AUTO_TEST_CASE(async_apply_takes_options) {
    procpool::pool pool({.processes = 1, .terminate_grace = 100ms});
    BOOST_TEST(
        pool.async_apply({.retries = 1}, procpool::bind(procpool::fn<square>, 3), boost::asio::use_future)
            .get() == 9);
    auto late = pool.async_apply({.timeout = 10ms}, procpool::bind(procpool::fn<sleep_until_told>),
                                 boost::asio::use_future);
    BOOST_CHECK_THROW(late.get(), procpool::task_timeout);
    auto wrong =
        pool.async_apply({.timeout = 0ms}, procpool::bind(procpool::fn<square>, 3), boost::asio::use_future);
    BOOST_CHECK_THROW(wrong.get(), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(an_initializer_without_parameters_stands_for_itself) {
    procpool::pool pool({.processes = 1, .initializer = procpool::fn<prepare>});
    BOOST_TEST(pool.apply(procpool::fn<look>) == 5);
    procpool::pool other({.processes = 1, .initializer = [] {
                              prepared = 6;
                          }});
    BOOST_TEST(other.apply(procpool::fn<look>) == 6);
}

BOOST_AUTO_TEST_CASE(a_handle_without_a_result_says_so) {
    procpool::async_result<int> none;
    BOOST_TEST(!none.valid());
    BOOST_TEST(!none.ready());
    BOOST_CHECK_THROW(none.get(), std::logic_error);
    BOOST_CHECK_THROW(none.get(1ms), std::logic_error);
    BOOST_CHECK_THROW(none.wait(), std::logic_error);
    BOOST_CHECK_THROW(none.successful(), std::logic_error);
    BOOST_CHECK_THROW(none.error(), std::logic_error);
    BOOST_CHECK_THROW(none.cancel(), std::logic_error);
    BOOST_CHECK_THROW(none.on_success([](const int&) {}), std::logic_error);
    BOOST_CHECK_THROW(none.on_error([](std::exception_ptr) {}), std::logic_error);
    BOOST_CHECK_THROW(none.async_get([](std::exception_ptr, int) {}), std::logic_error);
    BOOST_CHECK_THROW(procpool::wait_any(std::vector{none}), std::logic_error);
    procpool::pool pool(1);
    none = pool.apply_async(procpool::fn<square>, 2);
    BOOST_TEST(none.valid());
    const auto moved = std::move(none);
    BOOST_TEST(!none.valid());
    BOOST_TEST(moved.get() == 4);
}

BOOST_AUTO_TEST_CASE(error_waits_and_is_null_for_a_value) {
    procpool::pool pool(1);
    BOOST_TEST((pool.apply_async(procpool::fn<square>, 2).error() == nullptr));
    BOOST_CHECK_THROW(std::rethrow_exception(pool.apply_async(procpool::fn<fail>).error()),
                      std::domain_error);
}

BOOST_AUTO_TEST_CASE(any_result_completes_a_handler) {
    procpool::pool pool(2);
    const auto map = pool.map_async(procpool::fn<square>, {1, 2, 3});
    BOOST_TEST(map.async_get(boost::asio::use_future).get().size() == 3u);
    BOOST_TEST(map.async_get(boost::asio::use_future).get().size() == 3u); // the handle keeps the value
    auto failed = pool.apply_async(procpool::fn<fail>).async_get(boost::asio::use_future);
    BOOST_CHECK_THROW(failed.get(), std::domain_error);
    pool.map_async([](int) {}, {1, 2}).async_get(boost::asio::use_future).get();
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
