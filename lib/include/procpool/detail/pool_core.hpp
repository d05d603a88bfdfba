// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_POOL_CORE_HPP
#define PROCPOOL_DETAIL_POOL_CORE_HPP

#include <procpool/detail/home_process.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace procpool {

struct pool_options;
struct worker_info;

namespace detail {

class job;
class result_base;

using deadline = std::optional<std::chrono::steady_clock::time_point>;

/// A piece of the memory that all workers of a pool can read.
struct argument_block {
    std::byte* data = nullptr; // null: there is none
    std::uint64_t offset = 0;  // what a worker finds it by
    std::uint64_t bytes = 0;
};

/// A callback that waits. It is made before it is needed, so that nothing can fail when it is.
class queued_callback {
  public:
    explicit queued_callback(std::function<void()> what) noexcept : call(std::move(what)) {}
    queued_callback(const queued_callback&) = delete;
    queued_callback& operator=(const queued_callback&) = delete;
    ~queued_callback();

    /// When this was called, or dropped, `result` is ready. The caller's reference is taken over.
    void then_publish(result_base& result) noexcept { published_ = &result; }

    std::function<void()> call;

  private:
    result_base* published_ = nullptr;
};
using callback_list = std::list<queued_callback>;

/// What stands behind a pool; results that outlive the pool keep it, without its workers.
///
/// In a copy that fork() made of its process, whatever would wait, call or change something throws
/// std::logic_error, takes no lock, and touches nothing; what may not throw does nothing.
/// Thread safety: any thread.
class pool_core {
  public:
    pool_core(const pool_core&) = delete;
    pool_core& operator=(const pool_core&) = delete;

    const home_process& home() const noexcept { return home_; }

    /// Takes the jobs over until each is told that it is settled. `caller_waits`: the calling thread goes on
    /// to `wait` at once, so nobody else need be told to collect. Errors: throws pool_closed, and then has
    /// taken none.
    virtual void submit(std::span<job* const> jobs, bool caller_waits) = 0;
    /// A stream comes to be, which will `submit_more` until `end_stream`. Throws pool_closed.
    virtual void begin_stream() = 0;
    /// `submit` for a stream: after close() too, until join(). Without jobs: takes back that the caller
    /// waits. Errors: throws pool_closed, pool_terminated, and then has taken none.
    virtual void submit_more(std::span<job* const> jobs, bool caller_waits) = 0;
    virtual void end_stream() noexcept = 0;
    /// Throws pool_closed if `submit` would.
    virtual void require_open() const = 0;

    /// Waits until the result is ready; false: the deadline came first. The thread helps to collect results.
    virtual bool wait(result_base& result, deadline until) = 0;
    /// Waits for a result that a callback makes ready, but not for an executor that does not get on: then the
    /// result is made ready. False: the deadline came first.
    virtual bool wait_for_callback(result_base& result, deadline until) = 0;
    /// When callbacks that are due are not waited for any more, since the executor does not take them up; no
    /// value while it runs them, or they run in a thread of the pool's.
    virtual deadline callbacks_awaited_until() = 0;
    /// A result is ready that a collecting thread sleeps for.
    virtual void wake_collector() noexcept = 0;

    /// Runs `callback` on the executor, after those that were given before.
    virtual void run_callback(std::function<void()> callback) = 0;
    /// Before `run_callbacks`. Errors: throws std::bad_alloc, std::system_error if there can be no thread.
    virtual void prepare_callbacks() = 0;
    /// Takes them, and runs them likewise. They are dropped if the user's executor cannot be given them.
    virtual void run_callbacks(callback_list& callbacks) noexcept = 0;
    /// Is this thread running one, of whichever pool?
    virtual bool in_callback() const noexcept = 0;
    /// Where completions go that have no executor of their own.
    virtual boost::asio::any_io_executor callback_executor() = 0;
    /// See async_result::cancel.
    virtual bool cancel(result_base& result) = 0;
    /// What is of this owner and has not begun is cancelled; what runs, runs on.
    virtual void withdraw(const result_base& owner) noexcept = 0;

    /// Errors: throws std::bad_alloc.
    virtual argument_block allocate_arguments(std::uint64_t bytes) = 0;
    virtual void free_arguments(const argument_block& block) noexcept = 0;

    virtual void close() = 0;
    virtual void terminate() noexcept = 0;
    virtual void join() = 0;
    /// terminate(), then join().
    virtual void end() noexcept = 0;
    /// See pool::resize.
    virtual void resize(std::size_t processes) = 0;
    virtual std::size_t size() const noexcept = 0;
    virtual std::vector<worker_info> workers() const = 0;

    friend void intrusive_ptr_add_ref(pool_core* core) noexcept {
        core->references_.fetch_add(1, std::memory_order_relaxed);
    }
    friend void intrusive_ptr_release(pool_core* core) noexcept {
        if (core->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            delete core;
    }

  protected:
    pool_core() = default;
    virtual ~pool_core() = default;

  private:
    const home_process home_;
    std::atomic<std::size_t> references_{0};
};

using pool_core_ptr = boost::intrusive_ptr<pool_core>;

/// Throws std::logic_error: a pool was moved from.
[[noreturn]] void throw_moved_from();

/// Starts the workers and returns when all are ready.
/// Errors: those of pool's constructor.
pool_core_ptr start_pool(pool_options options);

} // namespace detail
} // namespace procpool

#endif
