// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RESULT_RESULT_STATE_HPP
#define PROCPOOL_DETAIL_RESULT_RESULT_STATE_HPP

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

/// A completion log that is notified when a result is ready, and the index of the result in that log.
struct result_watcher {
    std::shared_ptr<completion_log> log;
    std::size_t index = 0;
};

/// The shared state of an async_result, without its type: whether there is an outcome, and which threads wait
/// for it.
///
/// One thread writes the outcome and then calls `finish`. A thread that sees `ready()` sees the outcome.
class result_base {
  public:
    result_base(const result_base&) = delete;
    result_base& operator=(const result_base&) = delete;

    /// Whether there is an outcome, and the callbacks that run before have run. In a callback, the outcome is
    /// enough: otherwise the callback would wait for callbacks that wait for it.
    bool ready() const noexcept { return is_ready_to_see(status_.load(std::memory_order_acquire)); }
    /// Whether there is an outcome. Callbacks may still have to run.
    bool has_outcome() const noexcept {
        return (status_.load(std::memory_order_acquire) & (is_ready | calling_back)) != 0;
    }
    /// Makes the result ready for all threads, although callbacks have not run; they run later.
    ///
    /// Requires: has_outcome, or no thread reads the outcome.
    void publish() noexcept;
    /// Null if there is a value. Requires: ready.
    const std::exception_ptr& error() const noexcept { return error_; }

    /// Waits; false: the deadline came first.
    bool wait(deadline until) { return ready() || core_->wait(*this, until); }

    /// Whether the caller holds the only reference.
    bool unique() const noexcept { return references_.load(std::memory_order_acquire) == 1; }

    /// Called by the waiting thread: sleeps until the result is ready, the thread is woken, or the deadline.
    void park(deadline until) noexcept { park(until, is_ready); }
    /// Likewise, but also does not sleep if there is an outcome: for a thread that must then see to the
    /// callbacks, which may be on an executor that does not run.
    void park_until_outcome(deadline until) noexcept { park(until, is_ready | calling_back); }
    /// Called by the collecting thread before and after it sleeps. False: the result is ready.
    bool collector_sleeps() noexcept;
    void collector_woke() noexcept;

    /// Requests cancellation: see async_result::cancel.
    bool cancel() { return !ready() && core_->cancel(*this); }
    bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
    void set_cancelled() noexcept { cancelled_.store(true, std::memory_order_relaxed); }

    /// Notifies the watcher when the result may be `ready`, in the thread that makes it so. If it is ready
    /// only in a callback, the watcher is notified again when it is ready for all threads. False: it is ready
    /// already, and the watcher is not notified.
    bool watch(result_watcher watcher);
    void unwatch(const completion_log& log) noexcept;
    pool_core& core() const noexcept { return *core_; }

    /// Runs `callback` on the pool's executor when there is an outcome; if the result is not `ready` yet,
    /// before it is.
    ///
    /// Errors: throws std::bad_alloc, std::system_error; then the callback will not run.
    void when_finished(std::function<void()> callback);

    friend void intrusive_ptr_add_ref(result_base* state) noexcept {
        // With no reference, only the thread that made the object knows it.
        if (state->references_.load(std::memory_order_relaxed) == 0)
            state->references_.store(1, std::memory_order_relaxed);
        else
            state->references_.fetch_add(1, std::memory_order_relaxed);
    }
    /// Likewise.
    ///
    /// Requires: if there is one reference, no other thread copies it now.
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
    /// Publishes the outcome and wakes waiting threads.
    ///
    /// Requires: the caller holds a reference.
    void finish() noexcept {
        std::uint32_t no_waiters = 0;
        if (!status_.compare_exchange_strong(no_waiters, is_ready, std::memory_order_acq_rel))
            finish_and_notify();
    }

  private:
    friend queued_callback;

    static constexpr std::uint32_t is_ready = 1;
    static constexpr std::uint32_t parked = 2;
    static constexpr std::uint32_t collector_sleeping = 4;
    static constexpr std::uint32_t has_callbacks = 8;
    static constexpr std::uint32_t locked = 16;       // a short lock on `listeners_`
    static constexpr std::uint32_t calling_back = 32; // has an outcome; ready when callbacks have run
    static constexpr std::uint32_t has_watchers = 64;
    static constexpr std::uint32_t lock_wanted = 128; // a thread sleeps until `locked` is cleared

    struct listeners;
    struct destroy_listeners {
        void operator()(listeners* what) const noexcept;
    };

    bool is_ready_to_see(std::uint32_t status) const noexcept {
        return (status & is_ready) != 0 || ((status & calling_back) != 0 && core_->in_callback());
    }

    void park(deadline until, std::uint32_t awaited) noexcept;
    void finish_and_notify() noexcept;
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
    std::unique_ptr<listeners, destroy_listeners> listeners_; // null: no listeners
    std::atomic<bool> cancelled_{false};
};

/// A result_base with the value.
template <class R>
class result_state : public result_base {
  public:
    using value_type = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

    /// Requires: ready, and no error.
    value_type& value() noexcept { return *value_; }

  protected:
    using result_base::result_base;
    // noexcept even for a value whose destructor may throw; clang derives the exception specification from
    // it.
    ~result_state() noexcept override = default;

    std::optional<value_type> value_;
};

template <class R>
using result_ptr = boost::intrusive_ptr<result_state<R>>;

} // namespace procpool::detail

#endif
