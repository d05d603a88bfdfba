// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/captured_errors.hpp"
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

// Exceptions of callbacks, which no caller can receive.
namespace {

using namespace procpool::test;

/// Restores the printing of unhandled exceptions after the test.
struct fixture : nothing_left_behind {
    ~fixture() { procpool::set_unhandled({}); }
};

template <class Thrown>
void let_a_callback_throw(const Thrown& what) {
    procpool::pool pool(1);
    pool.apply_async([] {}).on_success([what] { throw what; });
    pool.close();
    pool.join();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(unhandled, fixture)

BOOST_AUTO_TEST_CASE(the_handler_is_told_of_each_exception) {
    std::vector<std::string> told; // used by one thread at a time
    procpool::set_unhandled([&](const std::exception_ptr& why) {
        try {
            std::rethrow_exception(why);
        } catch (const std::exception& e) {
            told.emplace_back(e.what());
        } catch (int number) {
            told.push_back(std::to_string(number));
        }
    });
    const gate gate;
    procpool::pool pool(1);
    auto good = pool.apply_async(procpool::fn<pass>, gate.path(), 1);
    auto bad = pool.apply_async(procpool::fn<fail_behind>, gate.path(), "no");
    good.on_success([](int) { throw std::runtime_error("from on_success"); });
    bad.on_error([](const std::exception_ptr&) { throw 42; });
    gate.open();
    BOOST_TEST(good.get() == 1);
    BOOST_CHECK_THROW(bad.get(), std::invalid_argument);
    good.on_success([](int) { throw std::runtime_error("late"); });
    pool.close();
    pool.join();
    const std::vector<std::string> expected{"from on_success", "42", "late"};
    BOOST_TEST(told == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_callback_that_throws_harms_nothing) {
    int told = 0;
    procpool::set_unhandled([&](const std::exception_ptr&) { ++told; });
    procpool::pool pool(2);
    int called = 0;
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 100; ++i) {
        results.push_back(pool.apply_async([](int n) { return n; }, i));
        results.back().on_success([](int) { throw std::runtime_error("again"); });
        results.back().on_success([&](int) { ++called; });
    }
    for (int i = 0; i != 100; ++i)
        BOOST_TEST(results[static_cast<std::size_t>(i)].get() == i);
    BOOST_TEST(pool.apply([] { return 5; }) == 5);
    pool.close();
    pool.join();
    BOOST_TEST(told == 100);
    BOOST_TEST(called == 100);
}

BOOST_AUTO_TEST_CASE(without_a_handler_it_is_printed) {
    captured_errors errors;
    let_a_callback_throw(std::runtime_error("what a pity"));
    let_a_callback_throw(42);
    procpool::set_unhandled([](const std::exception_ptr&) { std::fputs("the handler\n", stderr); });
    let_a_callback_throw(1);
    procpool::set_unhandled({});
    let_a_callback_throw(std::logic_error("after the handler"));
    const auto text = errors.text();
    BOOST_TEST_CONTEXT(text) {
        BOOST_TEST(text.find("what a pity") != std::string::npos);
        BOOST_TEST(text.find("of a type without a text") != std::string::npos);
        BOOST_TEST(text.find("the handler") != std::string::npos);
        BOOST_TEST(text.find("after the handler") != std::string::npos);
        BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 4);
    }
}

BOOST_AUTO_TEST_CASE(what_the_handler_throws_is_printed) {
    captured_errors errors;
    procpool::set_unhandled([](const std::exception_ptr&) { throw std::runtime_error("of the handler"); });
    let_a_callback_throw(1);
    const auto text = errors.text();
    BOOST_TEST_CONTEXT(text)
    BOOST_TEST(text.find("of the handler") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_handler_may_set_another) {
    captured_errors errors;
    procpool::set_unhandled([](const std::exception_ptr&) { procpool::set_unhandled({}); });
    let_a_callback_throw(1);
    let_a_callback_throw(std::runtime_error("printed"));
    BOOST_TEST(errors.text().find("printed") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
