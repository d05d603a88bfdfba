// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/callback_place.hpp"
#include "support/event.hpp"
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <boost/test/data/test_case.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

// Callbacks may do anything, in any thread.
namespace {

using namespace procpool::test;

int twice(int n) {
    return 2 * n;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(callback_effects, procpool::test::nothing_left_behind)

BOOST_DATA_TEST_CASE(a_callback_may_submit, places) {
    callback_place where(sample);
    const auto pool = where.make_pool(2);
    event finished;
    std::atomic<int> last{0};
    const std::function<void(const int&)> next = [&](const int& value) {
        last = value;
        if (value >= 100)
            finished.happen();
        else
            pool->apply_async([](int n) { return n + 1; }, value).on_success(next);
    };
    pool->apply_async([] { return 1; }).on_success(next);
    BOOST_TEST(finished.wait());
    BOOST_TEST(last == 100);
}

BOOST_DATA_TEST_CASE(a_callback_may_call_and_map, places) {
    callback_place where(sample);
    const auto pool = where.make_pool(2);
    event finished;
    std::atomic<int> sum{0};
    pool->apply_async([] { return 3; }).on_success([&](int value) {
        sum += pool->apply(procpool::fn<twice>, value);
        for (const int each : pool->map(procpool::fn<twice>, std::vector{1, 2, 3}))
            sum += each;
        finished.happen();
    });
    BOOST_TEST(finished.wait());
    BOOST_TEST(sum == 18);
}

BOOST_DATA_TEST_CASE(a_callback_may_wait_for_a_result_that_calls_back_too, places) {
    callback_place where(sample);
    const auto pool = where.make_pool(2);
    const gate gate;
    const class gate other_gate;
    auto first = pool->apply_async(procpool::fn<pass>, gate.path(), 1);
    auto second = pool->apply_async(procpool::fn<pass>, other_gate.path(), 2);
    std::atomic<int> got{0};
    std::atomic<int> called{0};
    event in_callback;
    second.on_success([&](int) { ++called; });
    first.on_success([&](int) {
        in_callback.happen();
        got = second.get(); // the callback of `second` can only run after this one
    });
    gate.open();
    BOOST_TEST_REQUIRE(in_callback.wait());
    other_gate.open();
    BOOST_TEST_REQUIRE(first.wait(patience));
    BOOST_TEST(got == 2);
    BOOST_TEST(second.get() == 2);
    BOOST_TEST(called == 1);
}

BOOST_DATA_TEST_CASE(a_callback_may_ask_its_own_result, places) {
    callback_place where(sample);
    const auto pool = where.make_pool(1);
    const gate gate;
    auto good = pool->apply_async(procpool::fn<pass>, gate.path(), 5);
    auto bad = pool->apply_async(procpool::fn<fail_behind>, gate.path(), "no");
    std::atomic<int> got{0};
    std::atomic<int> looks{0};
    good.on_success([&](int) {
        looks += good.ready() && good.wait(patience) && good.successful() && !good.cancel();
        got = good.get();
    });
    bad.on_error([&](const std::exception_ptr&) {
        looks += bad.ready() && !bad.successful();
        try {
            bad.get();
        } catch (const std::invalid_argument&) {
            ++looks;
        }
    });
    gate.open();
    BOOST_TEST_REQUIRE(good.wait(patience));
    BOOST_TEST_REQUIRE(bad.wait(patience));
    BOOST_TEST(got == 5);
    BOOST_TEST(looks == 3);
}

BOOST_DATA_TEST_CASE(a_callback_may_cancel, places) {
    callback_place where(sample);
    const auto pool = where.make_pool(1);
    const gate gate;
    auto first = pool->apply_async(procpool::fn<pass>, gate.path(), 1);
    auto running = pool->apply_async([] {
        while (!procpool::this_task::stop_token().stop_requested())
            std::this_thread::yield();
    });
    auto waiting = pool->apply_async([] { return 0; });
    first.on_success([&](int) {
        waiting.cancel();
        running.cancel();
    });
    gate.open();
    BOOST_CHECK_THROW(waiting.get(), procpool::task_cancelled);
    BOOST_CHECK_THROW(running.get(), procpool::task_cancelled);
}

BOOST_DATA_TEST_CASE(a_callback_may_close_and_join, places) {
    callback_place where(sample);
    const auto pool = where.make_pool(2);
    const gate gate;
    auto result = pool->apply_async(procpool::fn<pass>, gate.path(), 1);
    std::vector<procpool::async_result<int>> others;
    for (int i = 0; i != 20; ++i)
        others.push_back(pool->apply_async(procpool::fn<twice>, i));
    event joined;
    result.on_success([&](int) {
        pool->close();
        pool->join();
        joined.happen();
    });
    gate.open();
    BOOST_TEST(joined.wait());
    for (int i = 0; i != 20; ++i)
        BOOST_TEST(others[static_cast<std::size_t>(i)].get() == 2 * i);
    BOOST_CHECK_THROW(pool->apply_async(procpool::fn<twice>, 1), procpool::pool_closed);
    pool->join();
}

BOOST_DATA_TEST_CASE(a_callback_may_terminate_and_join, places) {
    callback_place where(sample);
    const gate gate;
    const class gate never;
    const auto pool = where.make_pool(1);
    auto result = pool->apply_async(procpool::fn<pass>, gate.path(), 1);
    auto other = pool->apply_async(procpool::fn<pass>, never.path(), 1);
    std::atomic<int> told{0};
    other.on_error([&](const std::exception_ptr&) { ++told; });
    event joined;
    result.on_success([&](int) {
        pool->terminate();
        pool->join();
        joined.happen();
    });
    gate.open();
    BOOST_TEST(joined.wait());
    BOOST_CHECK_THROW(other.get(), procpool::pool_terminated);
    BOOST_TEST(told == 1);
    pool->join();
}

BOOST_DATA_TEST_CASE(a_callback_may_join_while_another_thread_does, places) {
    callback_place where(sample);
    const auto pool = where.make_pool(1);
    const gate gate;
    auto result = pool->apply_async(procpool::fn<pass>, gate.path(), 1);
    std::atomic<int> called{0};
    result.on_success([&](int) {
        pool->join();
        ++called;
    });
    result.on_success([&](int) { ++called; });
    pool->close();
    std::jthread opener([&] { gate.open(); });
    pool->join();
    BOOST_TEST(called == 2); // every callback has run after join()
}

BOOST_DATA_TEST_CASE(a_callback_may_drop_the_pool, places) {
    callback_place where(sample);
    const gate gate;
    const class gate never;
    auto pool = where.make_pool(2);
    auto result = pool->apply_async(procpool::fn<pass>, gate.path(), 1);
    auto other = pool->apply_async(procpool::fn<pass>, never.path(), 1);
    event dropped;
    result.on_success([held = std::move(pool), &dropped](int) mutable {
        held.reset();
        dropped.happen();
    });
    gate.open();
    BOOST_TEST(dropped.wait());
    BOOST_TEST(result.get() == 1);
    BOOST_CHECK_THROW(other.get(), procpool::pool_terminated);
}

BOOST_DATA_TEST_CASE(a_callback_may_drop_the_last_handles, places) {
    callback_place where(sample);
    auto pool = where.make_pool(1);
    const gate gate;
    event dropped;
    {
        using result_type = procpool::async_result<int>;
        auto result = std::make_shared<std::optional<result_type>>(
            pool->apply_async(procpool::fn<pass>, gate.path(), 1));
        auto& shared = **result;
        shared.on_success([result, held = std::move(pool), &dropped](int) mutable {
            result->reset();
            held.reset();
            dropped.happen();
        });
    }
    gate.open();
    BOOST_TEST(dropped.wait());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
