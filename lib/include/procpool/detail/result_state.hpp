// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RESULT_STATE_HPP
#define PROCPOOL_DETAIL_RESULT_STATE_HPP

#include <procpool/detail/pool_core.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace procpool::detail {

class completion_log;

/// Who is told when a result is ready, and as which of those that he watches.
struct result_watcher {
    std::shared_ptr<completion_log> log;
    std::size_t index = 0;
};

/// What an async_result refers to, without its type: whether there is an outcome, and who waits for it.
///
/// The outcome is written by one thread, which then calls `finish`; it is visible to whoever sees `ready()`.
class result_base {
  public:
    result_base(const result_base&) = delete;
    result_base& operator=(const result_base&) = delete;

    /// Is there an outcome, and have the callbacks run that were to run before? In a callback, the first is
    /// enough: it would wait for callbacks that wait for it.
    bool ready() const noexcept { return is_ready_to_see(status_.load(std::memory_order_acquire)); }
    /// Is there an outcome? Callbacks may be still to run.
    bool has_outcome() const noexcept {
        return (status_.load(std::memory_order_acquire) & (is_ready | calling_back)) != 0;
    }
    /// Makes it ready for all, though callbacks have not run: they follow.
    /// Requires: has_outcome, or no thread reads what it is.
    void publish() noexcept;
    /// Null if there is a value. Requires: ready.
    const std::exception_ptr& error() const noexcept { return error_; }

    /// Waits; false: the deadline came first.
    bool wait(deadline until) { return ready() || core_->wait(*this, until); }

    /// Is there one reference, the caller's?
    bool unique() const noexcept { return references_.load(std::memory_order_acquire) == 1; }

    /// For the thread that waits: sleeps until ready or woken or the deadline.
    void park(deadline until) noexcept;
    /// For the thread that collects, before and after it sleeps. False: it is ready.
    bool collector_sleeps() noexcept;
    void collector_woke() noexcept;

    /// Asks that it may not yield a value: see async_result::cancel.
    bool cancel() { return !ready() && core_->cancel(*this); }
    bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
    void set_cancelled() noexcept { cancelled_.store(true, std::memory_order_relaxed); }

    /// The watcher is told when it may be `ready`, by the thread that makes it so; if it is ready only in a
    /// callback, once more when it is for all. False: it is ready, and the watcher is not told.
    bool watch(result_watcher watcher);
    void unwatch(const completion_log& log) noexcept;
    pool_core& core() const noexcept { return *core_; }

    /// Runs `callback` on the pool's executor once there is an outcome; before it is `ready`, if that is
    /// still to come.
    /// Errors: throws std::bad_alloc, std::system_error; then it will not run.
    void when_finished(std::function<void()> callback);

    friend void intrusive_ptr_add_ref(result_base* state) noexcept {
        if (state->references_.load(std::memory_order_relaxed) ==
            0) // whoever made it, and nobody else knows it
            state->references_.store(1, std::memory_order_relaxed);
        else
            state->references_.fetch_add(1, std::memory_order_relaxed);
    }
    /// Likewise. Requires: if there is one reference, nobody else copies it now.
    void add_reference_of_pool() noexcept {
        if (unique())
            references_.store(2, std::memory_order_relaxed);
        else
            references_.fetch_add(1, std::memory_order_relaxed);
    }
    friend void intrusive_ptr_release(result_base* state) noexcept {
        if (state->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            delete state;
    }

  protected:
    explicit result_base(pool_core& core) noexcept : core_(&core) {}
    virtual ~result_base() = default;

    void set_error(std::exception_ptr why) noexcept { error_ = std::move(why); }
    /// Publishes the outcome and wakes who waits.
    /// Requires: the caller holds a reference.
    void finish() noexcept {
        std::uint32_t nobody = 0;
        if (!status_.compare_exchange_strong(nobody, is_ready, std::memory_order_acq_rel))
            finish_for_somebody();
    }

  private:
    friend queued_callback;

    static constexpr std::uint32_t is_ready = 1;
    static constexpr std::uint32_t parked = 2;
    static constexpr std::uint32_t collector_sleeping = 4;
    static constexpr std::uint32_t has_callbacks = 8;
    static constexpr std::uint32_t locked = 16;       // a short lock on `listeners_`
    static constexpr std::uint32_t calling_back = 32; // there is an outcome; callbacks run, then it is ready
    static constexpr std::uint32_t has_watchers = 64;
    static constexpr std::uint32_t lock_wanted = 128; // a thread sleeps until it is not `locked`

    struct listeners;
    struct destroy_listeners {
        void operator()(listeners* what) const noexcept;
    };

    bool is_ready_to_see(std::uint32_t status) const noexcept {
        return (status & is_ready) != 0 || ((status & calling_back) != 0 && core_->in_callback());
    }

    void finish_for_somebody() noexcept;
    void wake(std::uint32_t status_before) noexcept;
    void publish_locked() noexcept;
    void run_callbacks(callback_list callbacks) noexcept;
    void lock_listeners() noexcept;
    void unlock_listeners(std::uint32_t and_set = 0) noexcept;
    listeners& listeners_to_add_to();

    std::atomic<std::uint32_t> references_{0};
    std::atomic<std::uint32_t> status_{0};
    pool_core_ptr core_;
    std::exception_ptr error_;
    std::unique_ptr<listeners, destroy_listeners> listeners_; // null: nobody has asked to be told
    std::atomic<bool> cancelled_{false};
};

/// With the value, once there is one.
template <class R>
class result_state : public result_base {
  public:
    using value_type = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

    /// Requires: ready, and no error.
    value_type& value() noexcept { return *value_; }

  protected:
    using result_base::result_base;
    // Also for a value whose destructor may throw; clang derives the exception specification from it.
    ~result_state() noexcept override = default;

    std::optional<value_type> value_;
};

template <class R>
using result_ptr = boost::intrusive_ptr<result_state<R>>;

} // namespace procpool::detail

#endif
