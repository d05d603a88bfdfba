// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_PUBLIC_MEMBERS_HPP
#define PROCPOOL_TEST_PUBLIC_MEMBERS_HPP

#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/use_future.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <new>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

// Every member of the public interface once, each as a function that a walk calls repeatedly, with checks of
// the results for the case that nothing fails.
namespace procpool::test {

/// A wrong value. Throwing it calls no replaced allocation function.
struct wrong_value : std::exception {
    explicit wrong_value(const char* of_what) noexcept : what_(of_what) {}
    const char* what() const noexcept override { return what_; }
    const char* what_;
};

inline void require(bool holds, const char* what) {
    if (!holds)
        throw wrong_value(what);
}

inline int plus_one(int n) {
    return n + 1;
}
inline std::string echo(const std::string& text) {
    return text;
}
inline std::string number(int n) {
    return "the number that was given as an argument is " + std::to_string(n);
}
inline int sum(int a, int b) {
    return a + b;
}
inline void nothing_to_say(int) {}
inline int nap(int milliseconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    return milliseconds;
}
inline int throw_text(int n) {
    throw std::invalid_argument("a text that is longer than what a string keeps in itself: " +
                                std::to_string(n));
}
inline int wait_for_stop(int seconds) {
    const auto stop = this_task::stop_token();
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (!stop.stop_requested() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return 1;
}
/// Kills its worker in the first run, and returns in the second.
inline int die_once(const shared_array<int>& runs) {
    if (std::atomic_ref(*runs.data()).fetch_add(1) == 0)
        kill_itself();
    return 7;
}
inline int report_half(int n) {
    this_task::report(0.5);
    return n;
}
inline int print_a_line(int n) {
    std::fprintf(stderr, "a line that is longer than what a string keeps in itself: %d\n", n);
    return n;
}
struct add_text {
    std::string text;
    std::string operator()(const std::string& to) const { return to + text; }
};
struct own_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace procpool::test

template <>
struct procpool::codec<procpool::test::own_error> {
    static void encode(encoder& out, const test::own_error& value) { out.write(std::string(value.what())); }
    static test::own_error decode(decoder& in) { return test::own_error(in.read<std::string>()); }
};

namespace procpool::test {

/// Registered in workers, too.
inline const bool own_error_is_registered = (register_exception<own_error>(), true);

inline int throw_own(int n) {
    throw own_error("an own error that says how large the number was: " + std::to_string(n));
}

/// Waits for callbacks without allocating.
template <class Holds>
bool soon(Holds holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(4); // sooner than walk_watch
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return true;
}

/// A counter for callbacks. Each use has its own: callbacks of a failed use may come during the next one.
using callback_count = std::shared_ptr<std::atomic<std::size_t>>;
inline callback_count count_from_zero() {
    return std::make_shared<std::atomic<std::size_t>>(0);
}

/// Cancels a task that waits for a stop, so that it does not stay when its use fails.
class cancelled_at_the_end {
  public:
    explicit cancelled_at_the_end(async_result<int>& result) : result_(result) {}
    cancelled_at_the_end(const cancelled_at_the_end&) = delete;
    cancelled_at_the_end& operator=(const cancelled_at_the_end&) = delete;
    ~cancelled_at_the_end() {
        for (int tries = 0; tries != 2; ++tries) { // only one allocation fails
            try {
                result_.cancel();
                return;
            } catch (const std::bad_alloc&) {
            }
        }
    }

  private:
    async_result<int>& result_;
};

/// A member, and a function that uses it.
struct public_member {
    const char* name;
    void (*use)(pool&);
    bool ends_pool = false; // or leaves it in another state: then each use has a pool of its own
    void (*set)(pool_options&) = nullptr;
};

inline std::vector<int> some_numbers(int count) {
    std::vector<int> out(static_cast<std::size_t>(count));
    for (int i = 0; i != count; ++i)
        out[static_cast<std::size_t>(i)] = i;
    return out;
}

inline bool is_plus_one(const std::vector<int>& results, int count) {
    bool right = results.size() == static_cast<std::size_t>(count);
    for (int i = 0; right && i != count; ++i)
        right = results[static_cast<std::size_t>(i)] == i + 1;
    return right;
}

// Calls of one item.

inline void use_apply(pool& p) {
    require(p.apply(fn<plus_one>, 1) == 2, "apply");
}
inline void use_apply_of_text(pool& p) {
    const std::string text(3000, 't');
    require(p.apply(fn<echo>, text) == text, "apply of some text");
}
inline void use_apply_of_much(pool& p) {
    const std::string text(1'000'000, 't');
    require(p.apply(fn<echo>, text) == text, "apply of much text");
}
inline void use_function_object(pool& p) {
    require(p.apply(add_text{"a text that is added to the other one"}, std::string("x")) ==
                "xa text that is added to the other one",
            "a function object");
}
inline void use_apply_that_throws(pool& p) {
    try {
        p.apply(fn<throw_text>, 1);
        throw wrong_value("apply did not throw");
    } catch (const std::invalid_argument& why) {
        require(std::string_view(why.what()).starts_with("a text that is longer"), why.what());
    }
}
inline void use_own_exception(pool& p) {
    register_exception<own_error>();
    try {
        p.apply(fn<throw_own>, 1);
        throw wrong_value("apply did not throw");
    } catch (const own_error& why) {
        require(get_remote_info(why) != nullptr, "remote_info");
    }
}
inline void use_apply_async(pool& p) {
    auto result = p.apply_async(fn<number>, 5);
    result.wait();
    require(result.wait(std::chrono::seconds(10)) && result.ready(), "wait");
    require(result.get(std::chrono::seconds(10)) == "the number that was given as an argument is 5",
            "apply_async");
    require(result.successful(), "successful");
}
inline void use_many_apply_async(pool& p) {
    std::vector<async_result<int>> results;
    for (int i = 0; i != 200; ++i)
        results.push_back(p.apply_async(fn<plus_one>, i));
    for (int i = 0; i != 200; ++i)
        require(results[static_cast<std::size_t>(i)].get() == i + 1, "many apply_async");
}
inline void use_wait_that_expires(pool& p) {
    auto result = p.apply_async(fn<nap>, 3);
    try {
        result.get(std::chrono::microseconds(100));
    } catch (const wait_timeout&) {
    }
    require(result.get() == 3, "after a wait_timeout");
}
inline void use_callbacks(pool& p) {
    const auto called = count_from_zero();
    auto good = p.apply_async(fn<number>, 5);
    good.on_success([called](const std::string& text) { *called += text.empty() ? 100 : 1; });
    good.on_error([called](const std::exception_ptr&) { *called += 1; }); // its text may need memory
    auto bad = p.apply_async(fn<throw_text>, 1);
    bad.on_error([called](const std::exception_ptr&) { *called += 10; });
    good.wait();
    bad.wait();
    require(soon([&] { return *called == 11; }), "callbacks");
}
inline void use_callback_that_throws(pool& p) {
    static std::atomic<int> unhandled;
    unhandled = 0;
    set_unhandled([](const std::exception_ptr&) { ++unhandled; });
    auto result = p.apply_async(fn<plus_one>, 5);
    result.on_success([](int) { throw std::runtime_error("of a callback, which nobody can receive"); });
    result.wait();
    require(soon([] { return unhandled != 0; }), "set_unhandled");
}
inline void use_cancel(pool& p) {
    std::vector<async_result<int>> results;
    for (int i = 0; i != 12; ++i)
        results.push_back(p.apply_async(fn<nap>, 1));
    for (std::size_t i = 6; i != 12; ++i)
        results[i].cancel();
    for (std::size_t i = 0; i != 12; ++i) {
        try {
            require(results[i].get() == 1, "beside a cancelled call");
        } catch (const task_cancelled&) {
            require(i >= 6, "a call that was not cancelled");
        }
    }
}
inline void use_cancel_of_what_runs(pool& p) {
    auto result = p.apply_async(fn<wait_for_stop>, 10);
    const cancelled_at_the_end whatever_happens(result);
    while (!result.ready() && !p.workers()[0].busy && !p.workers()[1].busy)
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    result.cancel();
    try {
        result.get();
        throw wrong_value("a cancelled call has a value");
    } catch (const task_cancelled&) {
    } catch (const worker_lost&) { // the first failure may be that of the worker's end
    }
}
inline void use_timeout(pool& p) {
    try {
        p.apply_async(call_options{.timeout = std::chrono::milliseconds(2)}, fn<wait_for_stop>, 10).get();
        throw wrong_value("no time-out");
    } catch (const task_timeout&) {
    }
}
inline void use_retries(pool& p) {
    const shared_array<int> runs(1);
    require(p.apply_async(call_options{.retries = 3}, fn<die_once>, runs).get() == 7, "a retry");
}
inline void use_death(pool& p) {
    auto beside = p.apply_async(fn<nap>, 1);
    try {
        p.apply([] { kill_itself(); });
        throw wrong_value("a death went unseen");
    } catch (const worker_lost&) {
    }
    try {
        require(beside.get() == 1, "beside a death");
    } catch (const worker_lost&) {
        throw wrong_value("a call beside a death was lost");
    }
}
inline void use_bind(pool& p) {
    const auto bound = bind(fn<echo>, std::string(500, 'b'));
    const auto called = count_from_zero();
    p.async_apply(bound, [called](const std::exception_ptr& why, const std::string& text) {
        *called += why || text.size() == 500 ? 1 : 100;
    });
    require(soon([&] { return *called == 1; }), "async_apply with a callback");
}
inline void use_future(pool& p) {
    auto future = p.async_apply(bind(fn<plus_one>, 1), boost::asio::use_future);
    require(future.get() == 2, "async_apply with use_future");
}

// Calls of many items.

inline void use_map(pool& p) {
    require(is_plus_one(p.map(fn<plus_one>, some_numbers(300)), 300), "map");
}
inline void use_map_of_texts(pool& p) {
    const auto results = p.map(fn<number>, some_numbers(60), {.chunk_size = 7});
    require(results.size() == 60 && results[59] == "the number that was given as an argument is 59",
            "map of texts");
}
inline void use_map_without_results(pool& p) {
    p.map(fn<nothing_to_say>, some_numbers(50));
}
inline void use_map_that_throws(pool& p) {
    try {
        p.map(fn<throw_text>, some_numbers(8), {.chunk_size = 2});
        throw wrong_value("map did not throw");
    } catch (const std::invalid_argument& why) {
        require(get_remote_info(why) != nullptr && get_remote_info(why)->item_index == 0, "the lowest error");
    }
}
inline void use_progress(pool& p) {
    const auto done = count_from_zero();
    map_options options;
    options.on_progress = [done](const progress& at) {
        *done = at.done;
    };
    require(is_plus_one(p.map_async(fn<plus_one>, some_numbers(100), options).get(), 100), "map_async");
    require(*done == 100, "on_progress");
}
inline void use_cancel_of_map(pool& p) {
    auto result = p.map_async(fn<nap>, std::vector<int>(40, 1), {.chunk_size = 1});
    result.cancel();
    try {
        result.get();
    } catch (const task_cancelled&) {
    }
}
inline void use_starmap(pool& p) {
    std::vector<std::tuple<int, int>> pairs;
    for (int i = 0; i != 40; ++i)
        pairs.emplace_back(i, 1);
    require(is_plus_one(p.starmap(fn<sum>, pairs), 40), "starmap");
    require(is_plus_one(p.starmap_async(fn<sum>, pairs).get(), 40), "starmap_async");
}
inline void use_map_reduce(pool& p) {
    require(p.map_reduce(fn<plus_one>, some_numbers(100), fn<sum>, 0) == 5050, "map_reduce");
}
inline void use_broadcast(pool& p) {
    const auto results = p.broadcast(fn<plus_one>, 1);
    require(results == std::vector<int>(2, 2), "broadcast");
}
inline void use_imap(pool& p) {
    int next = 0;
    for (const auto& text : p.imap(fn<number>, some_numbers(40)))
        require(text == number(next++), "imap");
    require(next == 40, "the length of imap");
}
inline void use_imap_next(pool& p) {
    auto stream = p.imap(fn<plus_one>, some_numbers(40), {.chunk_size = 3});
    int next = 0;
    while (const auto value = stream.next(std::chrono::seconds(10)))
        require(*value == ++next, "next");
    require(next == 40, "the end of next");
}
inline void use_imap_that_is_dropped(pool& p) {
    auto stream = p.imap(fn<plus_one>, some_numbers(400), {.max_in_flight = 100});
    require(*stream.next() == 1, "a stream that is dropped");
}
inline void use_imap_unordered(pool& p) {
    int sum_of_all = 0;
    for (const auto value : p.imap_unordered(fn<plus_one>, some_numbers(40)))
        sum_of_all += value;
    require(sum_of_all == 820, "imap_unordered");
}
inline void use_imap_with_progress(pool& p) {
    const auto done = count_from_zero();
    map_options options;
    options.on_progress = [done](const progress& at) {
        *done = at.done;
    };
    for (const auto value : p.imap_unordered(fn<plus_one>, some_numbers(40), options))
        require(value > 0, "imap_unordered with progress");
    require(*done == 40, "on_progress of a stream");
}
inline void use_wait_any(pool& p) {
    std::vector<async_result<int>> results;
    results.push_back(p.apply_async(fn<nap>, 3));
    results.push_back(p.apply_async(fn<plus_one>, 1));
    require(wait_any(results) < 2, "wait_any");
}
inline void use_as_completed(pool& p) {
    std::vector<async_result<int>> results;
    for (int i = 0; i != 5; ++i)
        results.push_back(p.apply_async(fn<plus_one>, i));
    int sum_of_all = 0;
    for (const auto& each : as_completed(results))
        sum_of_all += async_result<int>(each).get();
    require(sum_of_all == 15, "as_completed");
}
inline void use_shared_array(pool& p) {
    const shared_array<int> numbers(1000);
    numbers.data()[999] = 5;
    const auto back = p.apply(
        [](const shared_array<int>& all) {
            ++all.data()[999];
            return all;
        },
        numbers);
    require(back.data()[999] == 6, "shared_array");
}
inline void use_report(pool& p) {
    require(p.apply(fn<report_half>, 5) == 5, "report");
    require(p.workers().size() == 2 && p.size() == 2, "workers");
    require(p.stats().submitted != 0, "stats");
    require(p.stack_of(0).empty(), "stack_of");
}

inline void use_stack_of(pool& p) {
    auto result = p.apply_async(fn<wait_for_stop>, 10);
    const cancelled_at_the_end whatever_happens(result);
    while (!result.ready() && !p.workers()[0].busy && !p.workers()[1].busy)
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    for (std::size_t worker = 0; worker != 2; ++worker)
        static_cast<void>(p.stack_of(worker));
    result.cancel();
    try {
        result.get();
        throw wrong_value("a cancelled call has a value");
    } catch (const task_cancelled& why) {
        require(get_remote_info(why) != nullptr, "remote_info of a cancelled call");
    } catch (const worker_lost&) { // the first failure may be that of the worker's end
    }
}
inline void use_on_output(pool& p) {
    require(p.apply(fn<print_a_line>, 5) == 5, "a task that prints");
}

// A pool's life.

inline void use_close_and_join(pool& p) {
    auto result = p.apply_async(fn<number>, 5);
    p.close();
    p.join();
    require(result.get() == number(5), "a result after join");
}
inline void use_terminate(pool& p) {
    std::vector<async_result<int>> results;
    for (int i = 0; i != 20; ++i)
        results.push_back(p.apply_async(fn<nap>, 1));
    p.terminate();
    p.join();
    for (auto& each : results) {
        try {
            require(each.get() == 1, "a result after terminate");
        } catch (const pool_terminated&) {
        }
    }
}
inline void use_terminate_of_streams(pool& p) {
    auto stream = p.imap(fn<nap>, std::vector<int>(40, 1));
    static_cast<void>(stream.next());
    p.terminate();
    try {
        while (stream.next()) {
        }
    } catch (const pool_terminated&) {
    }
}
inline void use_destructor(pool& p) {
    auto result = p.apply_async(fn<wait_for_stop>, 10);
    auto map = p.map_async(fn<nap>, std::vector<int>(20, 1));
    { const pool moved(std::move(p)); }
    try {
        result.get();
    } catch (const pool_terminated&) {
    }
}
inline void use_resize(pool& p) {
    p.resize(3);
    require(p.size() == 3 && p.broadcast(fn<plus_one>, 1).size() == 3, "resize to more");
    p.resize(1);
    require(p.size() == 1 && p.apply(fn<plus_one>, 1) == 2, "resize to less");
}
inline void use_constructor(pool&) {
    pool made(2);
    require(made.apply(fn<plus_one>, 1) == 2, "a new pool");
}

/// Frequently used members first.
inline const std::vector<public_member>& public_members() {
    static const auto recycles = [](pool_options& options) {
        options.max_tasks_per_worker = 25; // so that a use has a few new processes
    };
    static const auto prepares = [](pool_options& options) {
        options.initializer = bind(fn<plus_one>, 1);
    };
    static const auto hurries = [](pool_options& options) {
        options.terminate_grace = std::chrono::milliseconds(20);
        options.task_timeout = std::chrono::seconds(10);
    };
    static const auto listens = [](pool_options& options) {
        options.on_output = [](const worker_output&) {
        };
    };
    static const std::vector<public_member> all{
        {"apply", use_apply},
        {"apply of some text", use_apply_of_text},
        {"apply of much text", use_apply_of_much},
        {"a function object", use_function_object},
        {"a task that throws", use_apply_that_throws},
        {"register_exception", use_own_exception},
        {"apply_async", use_apply_async},
        {"many apply_async", use_many_apply_async},
        {"get with a time-out", use_wait_that_expires},
        {"on_success, on_error", use_callbacks},
        {"set_unhandled", use_callback_that_throws},
        {"cancel", use_cancel},
        {"cancel of what runs", use_cancel_of_what_runs, false, hurries},
        {"timeout", use_timeout, false, hurries},
        {"retries", use_retries},
        {"a death", use_death},
        {"bind and async_apply", use_bind},
        {"async_apply with use_future", use_future},
        {"map", use_map},
        {"map of texts", use_map_of_texts},
        {"map without results", use_map_without_results},
        {"map that throws", use_map_that_throws},
        {"on_progress", use_progress},
        {"cancel of a map", use_cancel_of_map},
        {"starmap", use_starmap},
        {"map_reduce", use_map_reduce},
        {"broadcast", use_broadcast},
        {"imap", use_imap},
        {"imap and next", use_imap_next},
        {"imap that is dropped", use_imap_that_is_dropped},
        {"imap_unordered", use_imap_unordered},
        {"imap_unordered with on_progress", use_imap_with_progress},
        {"wait_any", use_wait_any},
        {"as_completed", use_as_completed},
        {"shared_array", use_shared_array},
        {"report, workers, size", use_report},
        {"stack_of", use_stack_of, false, +hurries},
        {"on_output", use_on_output, false, +listens},
        {"max_tasks_per_worker", use_map_of_texts, false, +recycles},
        {"initializer", use_death, false, +prepares},
        {"close and join", use_close_and_join, true},
        {"terminate", use_terminate, true},
        {"terminate of streams", use_terminate_of_streams, true},
        {"the destructor", use_destructor, true},
        {"resize", use_resize, true},
        {"the constructor", use_constructor},
    };
    return all;
}

} // namespace procpool::test

#endif
