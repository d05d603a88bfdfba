// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// What the program says about the processes that are to be started (pool_options::settings_for). All functions run in
// the io_context's thread, unless noted.

#include "pool/supervisor.hpp"

#include <exception>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace procpool::pooling {

/// Has settings_for called: by the constructor, or by a resize() that waits for this worker, else where callbacks
/// run. When the answer is there, the start is ordered again.
///
/// Errors: throws std::bad_alloc; then nothing was asked.
void supervisor::ask_for_settings(std::size_t place) {
    settings_requests::request what;
    bool left = false;
    {
        const lock held(mutex_);
        left = !starts_.pool_in_use() || (resizing_threads_ != 0 && place >= resized_from_);
        what = settings_.ask(place, settings_limit(), left);
        if (left)
            started_or_ended_.notify_all();
    }
    try {
        limit_settings();
        if (!left && !settings_calls_->prepare())
            throw std::runtime_error("no thread can be started that calls settings_for");
        if (!left)
            post_request(what);
    } catch (...) {
        const lock held(mutex_);
        settings_.forget(place);
        throw;
    }
}

/// The time by which a request that is asked for, or whose turn comes, must be answered.
settings_requests::time supervisor::settings_limit() const noexcept {
    using time = settings_requests::time;
    const auto now = time::clock::now();
    return options_.start_timeout > time::max() - now ? time::max() : now + options_.start_timeout;
}

/// Without the lock, in any thread: an executor may be one that calls in place.
void supervisor::post_request(const settings_requests::request& what) {
    settings_calls_->post([self = detail::pool_core_ptr(this), this, what] { answer_request(what); });
}

/// Calls the program's function. Without the lock, in any thread.
void supervisor::answer_request(const settings_requests::request& what) noexcept {
    if (home().is_elsewhere())
        return;
    std::size_t worker = 0;
    {
        const lock held(mutex_);
        settings_.put_off(settings_limit());
        if (!settings_.take(what))
            return;
        worker = scheduler_.worker_at(what.place);
    }
    settings_answer answer;
    try {
        try {
            answer.settings = options_.settings_for(worker);
        } catch (const std::exception& why) {
            answer.failure = std::string("settings_for threw: ") + why.what();
        } catch (...) {
            answer.failure = "settings_for threw an exception that is not a std::exception";
        }
    } catch (const std::bad_alloc&) {
        answer.failure = "no memory"; // short enough to need no memory
    }
    {
        const lock held(mutex_);
        settings_.put_off(settings_limit());
    }
    settings_answered(what, std::move(answer));
}

void supervisor::settings_answered(const settings_requests::request& what, settings_answer&& with) noexcept {
    const lock held(mutex_);
    if (settings_.answer(what, std::move(with)))
        orders_.give(what.place).start = true;
}

/// Sets the timer for the first request that has to be answered.
///
/// Errors: throws std::bad_alloc; then the timer is not set.
void supervisor::limit_settings() {
    std::optional<settings_requests::time> when;
    {
        const lock held(mutex_);
        when = settings_.first_limit();
    }
    if (!when)
        return;
    loop_->settings_timer.expires_at(*when); // cancels an earlier wait
    loop_->settings_timer.async_wait([this](boost::system::error_code error) {
        if (!error)
            end_late_requests();
    });
}

/// Errors: throws std::bad_alloc; then `limit_settings` is to be called again.
void supervisor::end_late_requests() {
    for (;;) {
        std::optional<settings_requests::request> late;
        {
            const lock held(mutex_);
            late = settings_.first_late(settings_requests::time::clock::now());
        }
        if (!late)
            break;
        settings_answered(*late,
                          {{}, "settings_for was not called, or did not return, within the start_timeout"});
    }
    limit_settings();
}

/// Under the lock: no process will be started at `place`.
void supervisor::forget_settings(std::size_t place) noexcept {
    if (!settings_.forget(place))
        return;
    starts_.not_needed(place);
    started_or_ended_.notify_all();
}

} // namespace procpool::pooling
