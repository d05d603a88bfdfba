// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// How threads wait for results of a pool without workers. The pool's own thread, in a codec, runs what it waits for.

#include "in_process/in_process_pool.hpp"

#include <procpool/detail/result/result_state.hpp>

#include <chrono>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace procpool::in_process {
namespace {

/// Whose thread this is; null for other threads.
thread_local in_process_pool* pool_of_this_thread = nullptr;

bool is_past(const detail::deadline& until) {
    return until && std::chrono::steady_clock::now() >= *until;
}

} // namespace

void in_process_pool::note_own_thread() noexcept {
    pool_of_this_thread = this;
}

/// Called in the pool's thread by a codec that waits for `result`. Only the items of that result are run: the
/// codec of another one could wait for the result that this codec completes. A stream waits for a result that has
/// no items; then everything is run.
/// Errors: throws std::logic_error if the result cannot become ready while this codec waits.
void in_process_pool::run_items_of(detail::result_base& result, detail::deadline until) {
    constexpr std::chrono::seconds patience{
        1}; // another thread may be delivering the outcome of a cancellation
    lock held(mutex_);
    const auto is_of_result = [&](const piece& each) {
        return each.of->owner == &result;
    };
    work_queue::pieces one;
    bool waited = false;
    while (!result.has_outcome() && !is_past(until)) {
        if (queue_.take_first_if(is_of_result, one) || (!is_below(result) && take_front_if_any(one))) {
            run_piece(one, held, true);
            one.clear();
            waited = false;
            continue;
        }
        if (waited)
            throw std::logic_error(
                "procpool: a codec waits for a result that waits for the value which the codec reads; in the "
                "process of the pool (in_process), one thread runs all tasks and reads all results");
        waited = !is_below(result);
        if (!waited) {
            waited = true; // no other thread has it
            continue;
        }
        held.unlock();
        const auto soon = clock::now() + patience;
        result.park(until ? std::min(*until, soon) : soon);
        held.lock();
    }
}

/// Whether an outcome of this result is being read below on the stack of the pool's thread.
bool in_process_pool::is_below(const detail::result_base& result) const noexcept {
    const auto* each = innermost_;
    while (each != nullptr && each->owner() != &result)
        each = each->outer();
    return each != nullptr;
}

/// In the pool's thread: the result has its outcome, and waits for callbacks, which may need the queue.
void in_process_pool::run_queue_for_callbacks_of(detail::result_base& result, detail::deadline until) {
    lock held(mutex_);
    work_queue::pieces one;
    while (!result.ready() && !is_past(until)) {
        if (take_front_if_any(one)) {
            run_piece(one, held, true);
            one.clear();
            continue;
        }
        if (result.collector_sleeps()) { // the thread that makes it ready calls wake_collector
            if (until)
                changed_.wait_until(held, *until);
            else
                changed_.wait(held);
        }
        result.collector_woke();
    }
}

/// A thread waits in `run_queue_for_callbacks_of`.
void in_process_pool::wake_collector() noexcept {
    if (home().is_elsewhere())
        return;
    const lock held(mutex_);
    changed_.notify_all();
}

bool in_process_pool::take_front_if_any(work_queue::pieces& to) noexcept {
    if (queue_.empty())
        return false;
    queue_.take_front(to);
    return true;
}

/// Exists while the thread of a pool waits for a result of another pool. Two pools that wait for each other
/// would wait for ever.
class in_process_pool::waiting {
  public:
    /// Errors: throws std::logic_error if `other` waits for `waits`, perhaps through further pools.
    waiting(in_process_pool& waits, in_process_pool& other) : waits_(&waits) {
        const std::lock_guard held(all_);
        for (const auto* each = &other; each != nullptr; each = each->waits_for_)
            if (each == &waits)
                throw std::logic_error("procpool: two pools wait for results of each other; in the process "
                                       "of the pools (in_process), "
                                       "one thread runs all tasks of a pool and reads all of its results");
        before_ = std::exchange(waits.waits_for_, &other);
    }
    waiting(const waiting&) = delete;
    waiting& operator=(const waiting&) = delete;
    ~waiting() {
        const std::lock_guard held(all_);
        waits_->waits_for_ = before_;
    }

  private:
    static inline std::mutex all_; // guards `waits_for_` of all pools
    in_process_pool* waits_;
    in_process_pool* before_ = nullptr;
};

bool in_process_pool::wait(detail::result_base& result, detail::deadline until) {
    home().require_here();
    refuse_tasks();
    delivery::hand_over_suspended([&] { return result.ready(); });
    std::optional<waiting> here;
    if (is_own_thread() && !result.ready()) {
        run_items_of(result, until);
        if (callbacks_->has_own_thread())
            run_queue_for_callbacks_of(result, until);
    } else if (pool_of_this_thread != nullptr && !until && !result.has_outcome())
        here.emplace(*pool_of_this_thread, *this);
    while (!result.ready()) {
        if (!callbacks_->has_own_thread() && result.has_outcome())
            return callbacks_->await(result, until);
        if (is_past(until))
            return result.ready();
        if (callbacks_->has_own_thread())
            result.park(until);
        else
            result.park_until_outcome(until);
    }
    return true;
}

bool in_process_pool::wait_for_callback(detail::result_base& result, detail::deadline until) {
    return callbacks_->has_own_thread() ? wait(result, until) : callbacks_->await(result, until);
}

detail::deadline in_process_pool::callbacks_awaited_until() {
    return callbacks_->has_own_thread() ? std::nullopt : detail::deadline(callbacks_->awaited_until());
}

} // namespace procpool::in_process
