// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/result/result_state.hpp>

#include "os/waiting.hpp"
#include "result/unhandled.hpp"

#include <procpool/detail/result/watched_results.hpp>

#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

namespace procpool::detail {

struct result_base::listeners {
    callback_list callbacks;
    std::vector<result_watcher> watchers;
};

void result_base::destroy_listeners::operator()(listeners* what) const noexcept {
    delete what;
}

void result_base::park(deadline until, std::uint32_t awaited) noexcept {
    const auto before = status_.fetch_or(parked, std::memory_order_acq_rel);
    if ((before & awaited) == 0 && !is_ready_to_see(before))
        os::park(status_, before | parked, until);
}

bool result_base::collector_sleeps() noexcept {
    return !is_ready_to_see(status_.fetch_or(collector_sleeping, std::memory_order_acq_rel));
}

void result_base::collector_woke() noexcept {
    status_.fetch_and(~collector_sleeping, std::memory_order_acq_rel);
}

void result_base::finish_and_notify() noexcept {
    // Most results have no listeners, and are published in one step.
    auto seen = status_.load(std::memory_order_acquire);
    while ((seen & (locked | has_callbacks | has_watchers)) == 0)
        if (status_.compare_exchange_weak(seen, is_ready, std::memory_order_acq_rel))
            return wake(seen);
    lock_listeners();
    if (!listeners_ || listeners_->callbacks.empty()) {
        publish_locked();
        return;
    }
    auto callbacks = std::exchange(listeners_->callbacks, {});
    std::vector<result_watcher> watchers;
    try {
        watchers = listeners_->watchers;
    } catch (const std::bad_alloc&) { // then watchers are notified when it is ready for all threads
    }
    // From now on, the result is ready for a thread in a callback.
    wake(status_.exchange(calling_back, std::memory_order_acq_rel));
    for (const auto& each : watchers)
        each.log->note(each.index);
    run_callbacks(std::move(callbacks));
}

queued_callback::~queued_callback() {
    call = nullptr; // releases the captured objects first
    if (published_ == nullptr)
        return;
    const boost::intrusive_ptr<result_base> result(published_, false);
    result->publish();
}

/// Runs every callback on the executor. The outcome is published when the last callback has run, or was
/// dropped with the executor's context, so that no thread waits for ever.
void result_base::run_callbacks(callback_list callbacks) noexcept {
    const boost::intrusive_ptr<result_base> self(this);
    intrusive_ptr_add_ref(this);
    callbacks.back().then_publish(*this);
    core_->run_callbacks(callbacks);
}

void result_base::publish() noexcept {
    lock_listeners();
    publish_locked();
}

/// Requires: the listeners are locked. Unlocks them.
void result_base::publish_locked() noexcept {
    const auto watchers =
        listeners_ ? std::exchange(listeners_->watchers, {}) : std::vector<result_watcher>();
    wake(status_.exchange(is_ready, std::memory_order_acq_rel));
    for (const auto& each : watchers)
        each.log->note(each.index);
}

/// The caller's reference keeps the state alive, and the state keeps the core alive.
void result_base::wake(std::uint32_t status_before) noexcept {
    if ((status_before & (parked | lock_wanted)) != 0)
        os::unpark_all(status_);
    if ((status_before & collector_sleeping) != 0)
        core_->wake_collector();
}

/// Spins for a moment, then sleeps: the thread that holds the lock may have a lower priority, and get no CPU
/// while this thread spins.
void result_base::lock_listeners() noexcept {
    int turns = 100;
    for (auto seen = status_.load(std::memory_order_acquire);;) {
        if ((seen & locked) == 0) {
            if (status_.compare_exchange_weak(seen, seen | locked, std::memory_order_acq_rel))
                return;
        } else if (turns-- > 0) {
            os::cpu_relax();
            seen = status_.load(std::memory_order_acquire);
        } else if ((seen & lock_wanted) != 0 ||
                   status_.compare_exchange_weak(seen, seen | lock_wanted, std::memory_order_acq_rel)) {
            os::park(status_, seen | lock_wanted, std::nullopt);
            seen = status_.load(std::memory_order_acquire);
        }
    }
}

void result_base::unlock_listeners(std::uint32_t and_set) noexcept {
    auto seen = status_.load(std::memory_order_acquire);
    while (!status_.compare_exchange_weak(seen, (seen | and_set) & ~(locked | lock_wanted),
                                          std::memory_order_acq_rel))
        ;
    if ((seen & lock_wanted) != 0)
        os::unpark_all(status_);
}

/// Requires: the listeners are locked.
result_base::listeners& result_base::listeners_to_add_to() {
    if (!listeners_)
        listeners_.reset(new listeners());
    return *listeners_;
}

void result_base::when_finished(std::function<void()> callback) {
    core_->home().require_here();
    core_->prepare_callbacks();
    callback_list one;
    one.emplace_back(std::move(callback));
    lock_listeners();
    const bool has_outcome = (status_.load(std::memory_order_acquire) & (is_ready | calling_back)) != 0;
    if (has_outcome) {
        unlock_listeners();
        core_->run_callbacks(one);
        return;
    }
    try {
        auto& all = listeners_to_add_to().callbacks;
        all.splice(all.end(), one);
    } catch (...) {
        unlock_listeners();
        throw;
    }
    unlock_listeners(has_callbacks);
}

bool result_base::watch(result_watcher watcher) {
    if (ready()) // checked first: a forked copy may read this, but not take the lock
        return false;
    core_->home().require_here();
    lock_listeners();
    if (is_ready_to_see(status_.load(std::memory_order_acquire))) {
        unlock_listeners();
        return false;
    }
    try {
        listeners_to_add_to().watchers.push_back(std::move(watcher));
    } catch (...) {
        unlock_listeners();
        throw;
    }
    unlock_listeners(has_watchers);
    return true;
}

void result_base::unwatch(const completion_log& log) noexcept {
    if (core_->home().is_elsewhere())
        return;
    lock_listeners();
    if (listeners_ && (status_.load(std::memory_order_acquire) & is_ready) == 0)
        std::erase_if(listeners_->watchers, [&](const auto& each) { return each.log.get() == &log; });
    unlock_listeners();
}

} // namespace procpool::detail
