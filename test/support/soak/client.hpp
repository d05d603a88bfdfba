// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SOAK_CLIENT_HPP
#define PROCPOOL_TEST_SOAK_CLIENT_HPP

#include "support/soak/arena.hpp"
#include "support/soak/ledger.hpp"
#include "support/soak/tasks.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// One thread that uses pools in every possible way.
namespace procpool::test::soak {

/// Longer than any operation, under a sanitizer and on a busy machine.
inline constexpr std::chrono::minutes forever{2};

class client {
  public:
    client(std::vector<contestant>& pools, ledger& account, std::uint64_t seed, std::size_t max_bytes)
        : pools_(pools)
        , account_(account)
        , random_(seed)
        , max_bytes_(max_bytes)
        , book_(entries) {}

    void act(std::size_t actions) {
        for (std::size_t i = 0; i != actions; ++i) {
            auto& at = pools_[random_.below(pools_.size())];
            try {
                act_once(at);
            } catch (const pool_closed& e) {
                account_.ended(ending::closed);
                if (!(at.excused & only(ending::closed)))
                    account_.trouble(e.what());
            }
            if (pending_.size() > 60)
                settle_all();
        }
        // The other results are read when their pool is gone.
        for (auto& each : pending_)
            if (each.of->end == last_act::close_when_settled)
                std::exchange(each.look, nullptr)();
    }
    void settle_all() {
        for (auto& each : pending_)
            if (each.look)
                each.look();
        pending_.clear();
    }

    /// Called after all pools, and all that ran for them, have ended.
    void check_the_books() {
        for (const auto& told : told_)
            if (*told != 1)
                account_.trouble("a callback was called " + std::to_string(*told) + " times");
        for (std::size_t i = 0; i != next_entry_; ++i)
            if (book_.span()[i] > 1 + tries_again_[i])
                account_.trouble("a task ran " + std::to_string(book_.span()[i]) + " times");
    }

  private:
    static constexpr std::size_t entries = 4096;
    using counter = std::shared_ptr<std::atomic<int>>;

    struct pending {
        const contestant* of;
        std::function<void()> look;
    };

    void act_once(contestant& at) {
        using action = void (client::*)(contestant&);
        static constexpr action actions[]{
            &client::call,         &client::call,      &client::call,   &client::call,
            &client::map,          &client::map,       &client::map,    &client::transfer,
            &client::stream,       &client::stream,    &client::reduce, &client::refuse,
            &client::break_codec,  &client::lose,      &client::cancel, &client::run_out,
            &client::retry,        &client::broadcast, &client::nest,   &client::go_on_in_callback,
            &client::as_completed, &client::operate,   &client::forget, &client::exhaust,
            &client::talk};
        ++account_.calls;
        (this->*actions[random_.below(std::size(actions))])(at);
    }

    std::size_t new_entry(unsigned tries_again = 0) {
        const std::size_t entry = next_entry_ % entries;
        next_entry_ = std::min(next_entry_ + 1, entries - 1); // the last entry is for all further ones
        tries_again_[entry] = entry == entries - 1 ? ~0U - 1 : tries_again;
        ++account_.items;
        return entry;
    }
    /// Small and large numbers are equally frequent.
    std::size_t some_bytes() { return random_.below((max_bytes_ >> random_.below(26)) + 1); }

    /// Checks that exactly one callback is called for a result.
    template <class R>
    void watch(async_result<R>& result) {
        if (!random_.once_in(3))
            return;
        const auto told = told_.emplace_back(std::make_shared<std::atomic<int>>(0));
        ++account_.callbacks;
        if constexpr (std::is_void_v<R>)
            result.on_success([told] { ++*told; });
        else
            result.on_success([told](const R&) { ++*told; });
        result.on_error([told](const std::exception_ptr&) { ++*told; });
    }

    /// Checks a result later: a value for which `is_right` returns true, or one of the other outcomes.
    template <class R, class Check>
    void expect(const contestant& at, const char* what, endings also, async_result<R> result,
                Check is_right) {
        watch(result);
        pending_.push_back({&at, [this, what, allowed = at.allowed(also), result, is_right] {
                                settle(account_, what, allowed, [&]() -> std::string {
                                    if constexpr (std::is_void_v<R>) {
                                        static_cast<void>(is_right);
                                        result.get(forever);
                                        return "";
                                    } else {
                                        return is_right(result.get(forever)) ? "" : "a wrong value";
                                    }
                                });
                            }});
    }
    void expect_none(const contestant& at, const char* what, endings also, async_result<void> result) {
        expect(at, what, also, std::move(result), 0);
    }

    void talk(contestant& at);
    void call(contestant& at);
    void map(contestant& at);
    static std::string wrong_with_map(const async_result<std::vector<std::int64_t>>& result,
                                      const std::vector<std::int64_t>& numbers,
                                      std::optional<std::size_t> bad);
    void transfer(contestant& at);
    void stream(contestant& at);
    void reduce(contestant& at);
    void refuse(contestant& at);
    void break_codec(contestant& at);
    void lose(contestant& at);
    void cancel(contestant& at);
    void run_out(contestant& at);
    void retry(contestant& at);
    void broadcast(contestant& at);
    void nest(contestant& at);
    void exhaust(contestant& at);
    void go_on_in_callback(contestant& at);
    void as_completed(contestant& at);
    void operate(contestant& at);
    void forget(contestant& at);

    std::vector<contestant>& pools_;
    ledger& account_;
    dice random_;
    std::size_t max_bytes_;
    run_book book_;
    std::size_t next_entry_ = 0;
    std::vector<unsigned> tries_again_ = std::vector<unsigned>(entries);
    std::vector<pending> pending_;
    std::vector<counter> told_;
};

} // namespace procpool::test::soak

#endif
