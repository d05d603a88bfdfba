// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/event.hpp"
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <exception>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// on_success and on_error: which is called, and how often.
namespace {

using namespace procpool::test;

std::string text_of(const std::exception_ptr& why) {
    try {
        std::rethrow_exception(why);
    } catch (const std::exception& e) {
        return e.what();
    }
}

/// The number of calls of each callback.
struct calls {
    std::atomic<int> successes{0};
    std::atomic<int> errors{0};
};

template <class R>
void count(procpool::async_result<R>& result, calls& into) {
    result.on_success([&into](auto&&...) { ++into.successes; });
    result.on_error([&into](const std::exception_ptr&) { ++into.errors; });
}

struct cannot_be_sent {};

} // namespace

template <>
struct procpool::codec<cannot_be_sent> {
    static void encode(encoder&, const cannot_be_sent&) { throw std::range_error("not to be sent"); }
    static cannot_be_sent decode(decoder&) { return {}; }
};

BOOST_FIXTURE_TEST_SUITE(callbacks, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_value_is_given_to_on_success_alone_and_once) {
    calls called;
    {
        procpool::pool pool(2);
        const gate gate;
        std::atomic<int> got{0};
        auto result = pool.apply_async(procpool::fn<pass>, gate.path(), 42);
        count(result, called);
        result.on_success([&](const int& value) { got = value; });
        gate.open();
        BOOST_TEST(result.get() == 42);
        BOOST_TEST(got == 42);
        pool.close();
        pool.join();
    }
    BOOST_TEST(called.successes == 1);
    BOOST_TEST(called.errors == 0);
}

BOOST_AUTO_TEST_CASE(an_error_is_given_to_on_error_alone_and_once) {
    calls called;
    {
        procpool::pool pool(2);
        const gate gate;
        std::string got;
        auto result = pool.apply_async(procpool::fn<fail_behind>, gate.path(), "nothing doing");
        count(result, called);
        result.on_error([&](const std::exception_ptr& why) { got = text_of(why); });
        gate.open();
        BOOST_CHECK_THROW(result.get(), std::invalid_argument);
        BOOST_TEST(got == "nothing doing");
        pool.close();
        pool.join();
    }
    BOOST_TEST(called.successes == 0);
    BOOST_TEST(called.errors == 1);
}

BOOST_AUTO_TEST_CASE(a_result_without_a_value_has_callbacks_too) {
    calls called;
    procpool::pool pool(1);
    const gate gate;
    auto good = pool.apply_async([](const std::string& path) { pass(path, 0); }, gate.path());
    auto bad = pool.apply_async([](const std::string& path) { fail_behind(path, "no"); }, gate.path());
    count(good, called);
    count(bad, called);
    gate.open();
    good.get();
    BOOST_CHECK_THROW(bad.get(), std::invalid_argument);
    BOOST_TEST(called.successes == 1);
    BOOST_TEST(called.errors == 1);
}

BOOST_AUTO_TEST_CASE(a_map_calls_back_once_for_all_its_items) {
    calls called;
    procpool::pool pool(2);
    std::vector<int> items(100);
    std::iota(items.begin(), items.end(), 0);
    auto good = pool.map_async([](int n) { return n; }, items);
    auto bad = pool.map_async([](int n) { return n < 90 ? n : throw std::out_of_range("too far"); }, items);
    auto none = pool.map_async([](int n) { return n; }, std::vector<int>());
    for (auto* each : {&good, &bad, &none})
        count(*each, called);
    BOOST_TEST(good.get().size() == 100U);
    BOOST_CHECK_THROW(bad.get(), std::out_of_range);
    pool.close();
    pool.join();
    BOOST_TEST(called.successes == 2);
    BOOST_TEST(called.errors == 1);
}

BOOST_AUTO_TEST_CASE(a_call_that_was_never_sent_calls_back) {
    calls called;
    procpool::pool pool(1);
    auto result = pool.apply_async([](cannot_be_sent) {}, cannot_be_sent());
    count(result, called);
    pool.close();
    pool.join();
    BOOST_TEST(called.successes == 0);
    BOOST_TEST(called.errors == 1);
}

BOOST_AUTO_TEST_CASE(one_registered_after_completion_runs_too) {
    procpool::pool pool(1);
    auto good = pool.apply_async([] { return 7; });
    auto bad = pool.apply_async([]() -> int { throw std::domain_error("late"); });
    BOOST_TEST(good.get() == 7);
    BOOST_CHECK_THROW(bad.get(), std::domain_error);
    calls called;
    const auto caller = std::this_thread::get_id();
    std::atomic<bool> elsewhere{true};
    for (int i = 0; i != 10; ++i) {
        count(good, called);
        count(bad, called);
    }
    good.on_success([&](int) { elsewhere = std::this_thread::get_id() != caller; });
    pool.close();
    pool.join();
    BOOST_TEST(called.successes == 10);
    BOOST_TEST(called.errors == 10);
    BOOST_TEST(elsewhere.load());
}

BOOST_AUTO_TEST_CASE(callbacks_that_are_registered_while_the_task_ends_run_once) {
    procpool::pool pool(2);
    for (int round = 0; round != 300; ++round) {
        auto result = pool.apply_async([](int n) { return n; }, round);
        std::vector<event> called(3);
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i != 2; ++i)
            threads.emplace_back(
                [&, i, copy = result]() mutable { copy.on_success([&, i](int) { called[i].happen(); }); });
        result.on_success([&](int) { called[2].happen(); });
        threads.clear();
        BOOST_TEST_REQUIRE(result.get() == round);
        for (auto& each : called)
            BOOST_TEST_REQUIRE(each.wait());
        for (auto& each : called)
            BOOST_TEST(each.times() == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_value_may_be_taken_after_a_callback_saw_it) {
    procpool::pool pool(1);
    const gate gate;
    auto result = pool.apply_async(
        [](const std::string& path) {
            pass(path, 0);
            return std::make_unique<int>(5);
        },
        gate.path());
    std::atomic<int> seen{0};
    result.on_success([&](const std::unique_ptr<int>& value) { seen = *value; });
    gate.open();
    const auto taken = std::move(result).get();
    BOOST_TEST(*taken == 5);
    BOOST_TEST(seen == 5);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
