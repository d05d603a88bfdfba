// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SOAK_ACTIONS_HPP
#define PROCPOOL_TEST_SOAK_ACTIONS_HPP

#include "support/soak/client.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// The actions of a client of a soak: one function for each use of a pool.
namespace procpool::test::soak {

inline void client::call(contestant& at) {
    const auto a = static_cast<std::int64_t>(random_.below(1000));
    call_options options;
    if (random_.once_in(4))
        options.timeout = forever;
    if (random_.once_in(4))
        options.priority = static_cast<int>(random_.below(5)) - 2;
    expect(at, "call", only(ending::value), at.pool->apply_async(options, fn<add>, book_, new_entry(), a, 1),
           [a](std::int64_t sum) { return sum == a + 1; });
}

inline void client::talk(contestant& at) {
    const auto n = static_cast<std::int64_t>(random_.below(1000));
    ++account_.items;
    expect(at, "talk", only(ending::value), at.pool->apply_async(fn<soak::talk>, n),
           [n](std::int64_t got) { return got == n; });
}

inline void client::map(contestant& at) {
    std::vector<std::int64_t> numbers(random_.below(random_.once_in(10) ? 2000 : 200));
    std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
    std::optional<std::size_t> bad;
    if (!numbers.empty() && random_.once_in(4)) {
        bad = random_.below(numbers.size());
        numbers[*bad] = unlucky;
    }
    map_options options;
    if (random_.once_in(2))
        options.chunk_size = 1 + random_.below(100);
    account_.items += numbers.size();
    auto result = at.pool->map_async(fn<square_unless_unlucky>, numbers, options);
    watch(result);
    pending_.push_back({&at, [this, allowed = at.allowed(ending::value | ending::own), result, numbers, bad] {
                            settle(account_, "map", allowed,
                                   [&] { return wrong_with_map(result, numbers, bad); });
                        }});
}

inline std::string client::wrong_with_map(const async_result<std::vector<std::int64_t>>& result,
                                          const std::vector<std::int64_t>& numbers,
                                          std::optional<std::size_t> bad) {
    try {
        const auto& squares = result.get(forever);
        if (bad)
            return "a failure is not told";
        for (std::size_t i = 0; i != numbers.size(); ++i)
            if (squares.size() != numbers.size() || squares[i] != square(numbers[i]))
                return "a wrong value";
    } catch (const std::domain_error& e) {
        const auto* info = get_remote_info(e);
        if (!bad || info == nullptr || info->item_index != bad)
            return "a wrong failure";
        throw;
    } catch (const worker_lost& e) {
        if (bad && get_remote_info(e) != nullptr && get_remote_info(e)->item_index > bad)
            return "not the first failure";
        throw;
    }
    return "";
}

inline void client::transfer(contestant& at) {
    const auto whose = static_cast<std::uint8_t>(random_.below(256));
    const auto count = some_bytes();
    account_.bytes += count;
    ++account_.items;
    expect(at, "transfer", only(ending::value), at.pool->apply_async(fn<complement>, bytes_of(whose, count)),
           [whose, count](const std::vector<std::uint8_t>& got) {
               return got == complement(bytes_of(whose, count));
           });
}

inline void client::stream(contestant& at) {
    const std::size_t count = random_.below(100);
    std::vector<std::int64_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
    auto results = at.pool->imap(fn<square>, numbers);
    const std::size_t read = random_.once_in(3) ? random_.below(count + 1) : count;
    account_.items += read;
    // A stream whose pool is closed may end early if another thread joins meanwhile, but must keep its order.
    for (std::size_t i = 0; i != read; ++i) {
        bool at_end = false;
        settle(account_, "stream", at.allowed(only(ending::value)), [&]() -> std::string {
            const auto value = results.next(forever);
            at_end = !value;
            if (at_end)
                return at.excused & only(ending::closed) ? "" : "the end comes too early";
            return *value == square(static_cast<std::int64_t>(i)) ? "" : "a wrong value";
        });
        if (at_end)
            break;
    }
}

inline void client::reduce(contestant& at) {
    std::vector<std::int64_t> numbers(random_.below(500));
    std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
    const auto sum = std::accumulate(numbers.begin(), numbers.end(), std::int64_t{5},
                                     [](std::int64_t a, std::int64_t b) { return a + square(b); });
    account_.items += numbers.size();
    expect(at, "reduction", only(ending::value),
           at.pool->map_reduce_async(
               fn<square>, numbers, [](std::int64_t a, std::int64_t b) { return a + b; }, std::int64_t{5}),
           [sum](std::int64_t got) { return got == sum; });
}

inline void client::refuse(contestant& at) {
    ++account_.items;
    expect_none(at, "failure", only(ending::own),
                at.pool->apply_async(fn<fail>, std::string(random_.below(50'000), 'w')));
}

inline void client::break_codec(contestant& at) {
    const auto when = static_cast<breaks>(random_.below(4));
    ++account_.items;
    expect(at, "codec", only(when == breaks::on_departure ? ending::own : ending::codec),
           at.pool->apply_async(fn<same>, fragile{when, some_bytes() / 64}),
           [](const fragile&) { return false; });
}

inline void client::lose(contestant& at) {
    ++account_.items;
    expect_none(at, "death", 0, at.pool->apply_async(fn<die>, static_cast<death>(random_.below(deaths))));
}

inline void client::cancel(contestant& at) {
    ++account_.items;
    auto result = at.pool->apply_async(fn<linger>, random_.once_in(2));
    if (random_.once_in(2))
        static_cast<void>(result.wait(std::chrono::microseconds(random_.below(2000))));
    const bool cancelled = result.cancel();
    expect_none(at, "cancelled call", cancelled ? only(ending::cancelled) : 0, std::move(result));
}

inline void client::run_out(contestant& at) {
    ++account_.items;
    expect_none(at, "endless call", only(ending::timed_out),
                at.pool->apply_async({.timeout = std::chrono::microseconds(1 + random_.below(20'000))},
                                     fn<linger>, random_.once_in(2)));
}

inline void client::retry(contestant& at) {
    expect(at, "second try", only(ending::value),
           at.pool->apply_async({.retries = 2}, fn<die_once>, book_, new_entry(2)),
           [](std::int64_t one) { return one == 1; });
}

inline void client::broadcast(contestant& at) {
    auto result = at.pool->broadcast_async(fn<who_am_i>);
    expect(at, "broadcast", only(ending::value), std::move(result),
           [prepared = at.prepared](const std::vector<std::pair<std::size_t, std::int64_t>>& all) {
               for (std::size_t i = 0; i != all.size(); ++i)
                   if (all[i] != std::pair(i, prepared))
                       return false;
               return !all.empty();
           });
}

inline void client::nest(contestant& at) {
    const auto count = static_cast<std::int64_t>(random_.below(50));
    account_.items += static_cast<std::uint64_t>(count) + 1;
    expect(at, "inner pool", only(ending::value),
           at.pool->apply_async(fn<sum_in_inner_pool>, 1 + random_.below(2), count),
           [count](std::int64_t sum) { return sum == (count - 1) * count * (2 * count - 1) / 6; });
}

inline void client::exhaust(contestant& at) {
    if (!at.limited_memory)
        return;
    ++account_.items;
    expect_none(at, "exhaustion", only(ending::own), at.pool->apply_async(fn<take_much_memory>));
}

inline void client::forget(contestant& at) {
    static_cast<void>(at.pool->apply_async(fn<add>, book_, new_entry(), 1, 1));
}

/// The callback submits a call, if the pool still exists; the callback may own the last reference to it.
inline void client::go_on_in_callback(contestant& at) {
    const auto entry = new_entry();
    auto result = at.pool->apply_async(fn<add>, book_, new_entry(), 1, 1);
    const auto told = told_.emplace_back(std::make_shared<std::atomic<int>>(0));
    account_.callbacks += 2;
    const auto done = [told](const auto&) {
        ++*told;
    };
    result.on_success([weak = std::weak_ptr(at.pool), book = book_, entry, done](std::int64_t) {
        const auto pool = weak.lock();
        try {
            if (pool)
                pool->apply_async(fn<add>, book, entry, 2, 2).on_success(done).on_error(done);
            else
                done(0);
        } catch (const pool_closed&) {
            done(0);
        }
    });
    result.on_error(done);
    expect(at, "call that goes on", only(ending::value), std::move(result),
           [](std::int64_t two) { return two == 2; });
}

inline void client::as_completed(contestant& at) {
    std::vector<async_result<std::int64_t>> results;
    for (std::int64_t i = 0; i != 5; ++i)
        results.push_back(at.pool->apply_async(fn<square>, i));
    account_.items += results.size();
    auto stream = procpool::as_completed(results);
    for (std::size_t i = 0; i != results.size(); ++i)
        settle(account_, "as_completed", at.allowed(only(ending::value)), [&]() -> std::string {
            const auto next = stream.next(forever);
            if (!next || !next->ready())
                return "not completed";
            return next->get() < 25 ? "" : "a wrong value";
        });
}

/// An Asio operation, whose handler is called once.
inline void client::operate(contestant& at) {
    const auto told = told_.emplace_back(std::make_shared<std::atomic<int>>(0));
    ++account_.callbacks;
    ++account_.items;
    at.pool->async_apply(bind(fn<square>, 3),
                         [told, this, allowed = at.allowed(ending::value | ending::closed)](
                             const std::exception_ptr& error, std::int64_t value) {
                             settle(account_, "operation", allowed, [&]() -> std::string {
                                 ++*told;
                                 if (error)
                                     std::rethrow_exception(error);
                                 return value == 9 ? "" : "a wrong value";
                             });
                         });
}

} // namespace procpool::test::soak

#endif
