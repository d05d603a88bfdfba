// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_LIFECYCLE_SETTINGS_REQUESTS_HPP
#define PROCPOOL_LIFECYCLE_SETTINGS_REQUESTS_HPP

#include <procpool/worker_settings.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace procpool::pooling {

/// What the program says about one process that is to be started.
struct settings_answer {
    worker_settings settings;
    std::string failure; // empty: there are settings
};

/// The places that wait for the settings of their next process, and the answers that have come. A process is
/// started in two steps, since the program's function is not called in the io_context's thread: the settings
/// are asked for; when they are there, the start is ordered again.
///
/// A request is asked once and answered once; an answer to a request that was forgotten is dropped.
///
/// Thread safety: under the pool's lock.
class settings_requests {
  public:
    using time = std::chrono::steady_clock::time_point;

    struct request {
        std::size_t place = 0;
        std::uint64_t number = 0;
    };

    /// Errors: throws std::bad_alloc.
    void grow_to(std::size_t places) {
        if (places_.size() < places)
            places_.resize(places);
    }

    /// The settings of `place` are needed by `until`. `left`: for a thread that calls `take_left`.
    request ask(std::size_t place, time until, bool left) noexcept {
        auto& p = places_[place];
        p.is = left ? state::left : state::asked;
        p.number = ++last_;
        p.until = until;
        return {place, p.number};
    }
    /// Requests that no thread has taken wait for their turn, which has come closer: they have until this time, if
    /// that is later.
    void put_off(time until) noexcept {
        for (auto& p : places_)
            if (p.is == state::left || p.is == state::asked)
                p.until = std::max(p.until, until);
    }
    /// A thread begins to answer this request. False: there is nothing to be answered.
    bool take(const request& what) noexcept {
        auto& p = places_[what.place];
        if (p.number != what.number || (p.is != state::asked && p.is != state::left))
            return false;
        p.is = state::taken;
        return true;
    }
    /// A request that was left, and is at this place or behind it.
    std::optional<request> first_left(std::size_t from) const noexcept {
        for (auto place = from; place < places_.size(); ++place)
            if (places_[place].is == state::left)
                return request{place, places_[place].number};
        return std::nullopt;
    }
    /// The request is no longer left for a certain thread.
    void leave_to_all(const request& what) noexcept { places_[what.place].is = state::asked; }

    /// Returns whether the start is to be ordered again.
    bool answer(const request& what, settings_answer&& with) noexcept {
        auto& p = places_[what.place];
        if (p.number != what.number || !is_open(p))
            return false;
        p.is = state::there;
        p.answer = std::move(with);
        return true;
    }
    bool there(std::size_t place) const noexcept { return places_[place].is == state::there; }
    /// Requires: there.
    settings_answer collect(std::size_t place) noexcept {
        places_[place].is = state::none;
        return std::exchange(places_[place].answer, {});
    }

    /// No process will be started now. Returns whether its settings were asked for and have not come.
    bool forget(std::size_t place) noexcept {
        const bool was_open = is_open(places_[place]);
        places_[place].is = state::none;
        places_[place].answer = {};
        return was_open;
    }

    /// When the first request must be answered; nullopt: there is none.
    std::optional<time> first_limit() const noexcept {
        std::optional<time> out;
        for (const auto& p : places_)
            if (is_open(p) && (!out || p.until < *out))
                out = p.until;
        return out;
    }
    /// A request that must have been answered by now.
    std::optional<request> first_late(time now) const noexcept {
        for (std::size_t place = 0; place != places_.size(); ++place)
            if (is_open(places_[place]) && places_[place].until <= now)
                return request{place, places_[place].number};
        return std::nullopt;
    }

  private:
    enum class state : std::uint8_t { none, left, asked, taken, there };
    struct of_place {
        state is = state::none;
        std::uint64_t number = 0;
        time until{};
        settings_answer answer;
    };

    static bool is_open(const of_place& p) noexcept { return p.is != state::none && p.is != state::there; }

    std::vector<of_place> places_;
    std::uint64_t last_ = 0;
};

} // namespace procpool::pooling

#endif
