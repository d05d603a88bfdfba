// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/event.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/outcome.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <deque>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// async_apply is an Asio operation: it takes any completion token, and completes as Asio's own do.
namespace {

namespace asio = boost::asio;
using namespace procpool::test;
using procpool::bind;
using procpool::fn;

int twice(int n) {
    return 2 * n;
}

std::string repeat(const std::string& text, int times) {
    std::string out;
    for (int i = 0; i != times; ++i)
        out += text;
    return out;
}

std::string fail(const std::string& why) {
    throw std::out_of_range(why);
}

struct account {
    std::atomic<std::ptrdiff_t> held{0};
    std::atomic<std::ptrdiff_t> ever{0};
};

/// Counts the bytes that are allocated through it.
template <class T>
struct counting_allocator {
    using value_type = T;
    account* to;

    explicit counting_allocator(account& of) : to(&of) {}
    template <class U>
    counting_allocator(const counting_allocator<U>& other) : to(other.to) {}

    T* allocate(std::size_t count) {
        to->held += static_cast<std::ptrdiff_t>(count * sizeof(T));
        to->ever += static_cast<std::ptrdiff_t>(count * sizeof(T));
        return std::allocator<T>().allocate(count);
    }
    void deallocate(T* from, std::size_t count) {
        to->held -= static_cast<std::ptrdiff_t>(count * sizeof(T));
        std::allocator<T>().deallocate(from, count);
    }
    template <class U>
    bool operator==(const counting_allocator<U>& other) const {
        return to == other.to;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(async_apply, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_handler_gets_the_value) {
    procpool::pool pool(2);
    outcome<std::string> got;
    pool.async_apply(bind(fn<repeat>, "ab", 3), got.handler());
    BOOST_TEST(got.get() == "ababab");
    BOOST_TEST((got.thread() != std::this_thread::get_id()));
    outcome<std::string> big;
    pool.async_apply(bind(fn<repeat>, std::string(1000, 'x'), 5000), big.handler());
    BOOST_TEST(big.get().size() == 5'000'000U);
}

BOOST_AUTO_TEST_CASE(a_handler_gets_the_error_and_an_empty_value) {
    procpool::pool pool(1);
    std::promise<std::pair<std::exception_ptr, std::string>> promise;
    pool.async_apply(bind(fn<fail>, "out of it"),
                     [&](const std::exception_ptr& why, const std::string& value) {
                         promise.set_value({why, value});
                     });
    const auto [why, value] = promise.get_future().get();
    BOOST_TEST(value.empty());
    try {
        std::rethrow_exception(why);
    } catch (const std::out_of_range& caught) {
        BOOST_TEST(caught.what() == "out of it");
        const auto* const info = procpool::get_remote_info(caught);
        BOOST_REQUIRE(info != nullptr);
        BOOST_TEST(info->task_name.find("fail") != std::string::npos, info->task_name);
    }
    outcome<int> lost;
    pool.async_apply(bind([] { return kill_itself(); }), lost.handler());
    BOOST_CHECK_THROW(lost.get(), procpool::worker_lost);
}

BOOST_AUTO_TEST_CASE(a_task_that_returns_nothing_gives_the_error_alone) {
    procpool::pool pool(1);
    std::promise<std::exception_ptr> good;
    pool.async_apply(bind([] {}), [&](std::exception_ptr why) { good.set_value(std::move(why)); });
    BOOST_TEST((good.get_future().get() == nullptr));
    std::promise<std::exception_ptr> dropped;
    const procpool::bound_task<void> bound = bind(fn<fail>, "dropped");
    pool.async_apply(bound, [&](std::exception_ptr why) { dropped.set_value(std::move(why)); });
    BOOST_TEST((dropped.get_future().get() != nullptr));
}

BOOST_AUTO_TEST_CASE(use_future_gives_a_future) {
    procpool::pool pool(1);
    auto value = pool.async_apply(bind(fn<twice>, 21), asio::use_future);
    auto error = pool.async_apply(bind(fn<fail>, "no"), asio::use_future);
    auto nothing = pool.async_apply(bind([] {}), asio::use_future);
    static_assert(std::same_as<decltype(value), std::future<int>>);
    static_assert(std::same_as<decltype(nothing), std::future<void>>);
    BOOST_TEST(value.get() == 42);
    BOOST_CHECK_THROW(error.get(), std::out_of_range);
    BOOST_CHECK_NO_THROW(nothing.get());
}

BOOST_AUTO_TEST_CASE(a_deferred_operation_starts_when_it_is_launched) {
    auto pool = std::make_optional<procpool::pool>(1U);
    auto operation = pool->async_apply(bind(fn<twice>, 21), asio::deferred);
    auto other = pool->async_apply(bind(fn<twice>, 1), asio::deferred);
    BOOST_TEST(pool->workers()[0].tasks_done == 0U);
    outcome<int> got;
    std::move(operation)(got.handler());
    BOOST_TEST(got.get() == 42);
    pool.reset();
    outcome<int> late;
    std::move(other)(late.handler());
    BOOST_CHECK_THROW(late.get(), procpool::pool_closed);
}

BOOST_AUTO_TEST_CASE(a_closed_pool_is_an_error_like_others_and_nothing_is_thrown) {
    for (const bool terminated : {false, true}) {
        procpool::pool pool(1);
        terminated ? pool.terminate() : pool.close();
        outcome<int> got;
        BOOST_CHECK_NO_THROW(pool.async_apply(bind(fn<twice>, 1), got.handler()));
        BOOST_CHECK_THROW(got.get(), procpool::pool_closed);
        BOOST_TEST((got.thread() != std::this_thread::get_id()));
        auto future = pool.async_apply(bind(fn<twice>, 1), asio::use_future);
        BOOST_CHECK_THROW(future.get(), procpool::pool_closed);
        pool.join();
        outcome<int> later;
        pool.async_apply(bind(fn<twice>, 1), later.handler());
        BOOST_CHECK_THROW(later.get(), procpool::pool_closed);
        BOOST_TEST(later.times() == 1);
    }
}

BOOST_AUTO_TEST_CASE(handlers_need_not_be_copyable) {
    procpool::pool pool(1);
    std::promise<int> promise;
    auto future = promise.get_future();
    pool.async_apply(bind(fn<twice>, 4),
                     [own = std::make_unique<int>(1), promise = std::move(promise)](
                         const std::exception_ptr&, int value) mutable { promise.set_value(*own + value); });
    BOOST_TEST(future.get() == 9);
}

BOOST_AUTO_TEST_CASE(handlers_may_be_type_erased) {
    procpool::pool pool(1);
    outcome<int> got;
    asio::any_completion_handler<void(std::exception_ptr, int)> handler = got.handler();
    pool.async_apply(bind(fn<twice>, 5), std::move(handler));
    BOOST_TEST(got.get() == 10);
}

BOOST_AUTO_TEST_CASE(a_thousand_operations_complete_once_each) {
    procpool::pool pool(2);
    std::deque<outcome<int>> all(1000);
    for (int i = 0; i != 1000; ++i)
        pool.async_apply(bind(fn<twice>, i), all[static_cast<std::size_t>(i)].handler());
    for (int i = 0; i != 1000; ++i)
        BOOST_TEST(all[static_cast<std::size_t>(i)].get() == 2 * i);
    pool.close();
    pool.join();
    for (const auto& each : all)
        BOOST_TEST(each.times() == 1);
}

BOOST_AUTO_TEST_CASE(memory_is_the_handlers_allocators_and_given_back_before_it_is_called) {
    procpool::pool pool(1);
    account account;
    std::promise<std::ptrdiff_t> then;
    pool.async_apply(bind(fn<twice>, 1), asio::bind_allocator(counting_allocator<char>(account),
                                                              [&](const std::exception_ptr&, int) {
                                                                  then.set_value(account.held);
                                                              }));
    BOOST_TEST(then.get_future().get() == 0);
    BOOST_TEST(account.ever > 0);
}

BOOST_AUTO_TEST_CASE(a_handler_is_destroyed_when_it_has_been_called) {
    procpool::pool pool(1);
    auto owned = std::make_shared<int>(1);
    const std::weak_ptr<int> watched = owned;
    std::promise<long> owners;
    pool.async_apply(bind(fn<twice>, 1), [&, owned = std::move(owned)](const std::exception_ptr&, int) {
        owners.set_value(owned.use_count());
    });
    BOOST_TEST(owners.get_future().get() == 1);
    BOOST_TEST(eventually([&] { return watched.expired(); }));
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_harms_nothing_else) {
    event reported;
    procpool::set_unhandled([&](const std::exception_ptr&) { reported.happen(); });
    procpool::pool pool(1);
    pool.async_apply(bind(fn<twice>, 1),
                     [](const std::exception_ptr&, int) { throw std::logic_error("oops"); });
    outcome<int> next;
    pool.async_apply(bind(fn<twice>, 1), next.handler());
    BOOST_TEST(next.get() == 2);
    BOOST_TEST(reported.wait());
    procpool::set_unhandled({});
}

BOOST_AUTO_TEST_CASE(a_handler_may_start_the_next_operation) {
    procpool::pool pool(2);
    std::promise<int> promise;
    bool inside = false;
    bool nested = false; // whether one handler ran inside another
    int left = 200;
    std::function<void(const std::exception_ptr&, int)> next = [&](const std::exception_ptr&, int value) {
        nested = std::exchange(inside, true) || nested;
        if (--left != 0)
            pool.async_apply(bind([](int n) { return n + 1; }, value), next);
        inside = false;
        if (left == 0)
            promise.set_value(value);
    };
    pool.async_apply(bind(fn<twice>, 0), next);
    BOOST_TEST(promise.get_future().get() == 199);
    BOOST_TEST(!nested);
}

BOOST_AUTO_TEST_CASE(a_handler_may_drop_the_pool) {
    auto pool = std::make_shared<procpool::pool>(1U);
    auto* const starts = pool.get();
    std::promise<bool> promise;
    starts->async_apply(bind(fn<twice>, 1),
                        [&, pool = std::move(pool)](const std::exception_ptr& why, int) mutable {
                            pool.reset();
                            promise.set_value(why == nullptr);
                        });
    BOOST_TEST(promise.get_future().get());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
