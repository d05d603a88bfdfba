// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_POOL_CORE_HPP
#define PROCPOOL_DETAIL_POOL_CORE_HPP

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
#include <string>
#include <utility>
#include <vector>

// Files that include Boost.Asio before a header of the system would otherwise use it with other threads and locks
// than those that do not, and destroy each other's objects.
#if defined(_WIN32) && defined(_POSIX_THREADS) && !defined(BOOST_ASIO_HAS_PTHREADS)
#error "procpool: Boost.Asio takes these POSIX threads for Windows threads: link procpool::procpool, or define BOOST_ASIO_HAS_PTHREADS for all files"
#endif

namespace procpool::detail {

/// The process that made an object. A copy of the process that fork() makes has the object too, but has
/// neither its threads nor its workers, and its locks are in the state in which other threads held them at
/// that moment.
class home_process {
  public:
    /// Refers to the calling process.
    ///
    /// Errors: throws boost::system::system_error if there is no memory.
    home_process();

    /// Whether the calling process is a copy.
    ///
    /// Complexity: one load.
    bool is_elsewhere() const noexcept { return mark_->load(std::memory_order_relaxed) == 0; }

    /// Errors: throws std::logic_error in a copy.
    void require_here() const {
        if (is_elsewhere()) [[unlikely]]
            throw_elsewhere();
    }

  private:
    [[noreturn]] static void throw_elsewhere();

    const std::atomic<std::uint32_t>* mark_; // 0 in copies
};

} // namespace procpool::detail

namespace procpool {

struct pool_options;
struct pool_stats;
struct worker_info;

namespace detail {

class job;
class result_base;

using deadline = std::optional<std::chrono::steady_clock::time_point>;

/// A piece of the memory that all workers of a pool can read.
struct argument_block {
    std::byte* data = nullptr; // null: no block
    std::uint64_t offset = 0;  // position for workers
    std::uint64_t bytes = 0;
};

/// A queued callback. It is allocated before it is needed, so that queueing it cannot fail.
class queued_callback {
  public:
    explicit queued_callback(std::function<void()> what) noexcept : call(std::move(what)) {}
    queued_callback(const queued_callback&) = delete;
    queued_callback& operator=(const queued_callback&) = delete;
    ~queued_callback();

    /// When the callback was called or dropped, `result` becomes ready. Takes over the caller's reference.
    void then_publish(result_base& result) noexcept { published_ = &result; }

    std::function<void()> call;

  private:
    result_base* published_ = nullptr;
};
using callback_list = std::list<queued_callback>;

/// The interface between the public templates and the supervisor. Results that outlive the pool keep this
/// object alive, without workers, descriptors and mappings.
///
/// In a copy that fork() made of the process, every member that would wait, call or change something throws
/// std::logic_error, takes no lock, and touches nothing; a noexcept member does nothing.
///
/// Thread safety: any thread.
class pool_core {
  public:
    pool_core(const pool_core&) = delete;
    pool_core& operator=(const pool_core&) = delete;

    const home_process& home() const noexcept { return home_; }

    /// Takes over the jobs until each is settled. `caller_waits`: the calling thread will call `wait` at
    /// once, so no other thread needs to be woken for collecting.
    ///
    /// Errors: throws pool_closed, and then has taken over no job.
    virtual void submit(std::span<job* const> jobs, bool caller_waits) = 0;
    /// Registers a stream, which will call `submit_more` until `end_stream`. Throws pool_closed.
    virtual void begin_stream() = 0;
    /// `submit` for a stream: also after close(), until join(). Without jobs: revokes that the caller waits.
    ///
    /// Errors: throws pool_closed, pool_terminated, and then has taken over no job.
    virtual void submit_more(std::span<job* const> jobs, bool caller_waits) = 0;
    virtual void end_stream() noexcept = 0;
    /// Throws pool_closed if `submit` would throw it.
    virtual void require_open() const = 0;

    /// Waits until the result is ready; false: the deadline came first. The thread helps to collect results.
    virtual bool wait(result_base& result, deadline until) = 0;
    /// Waits for a result that becomes ready after a callback, but not for an executor that does not run:
    /// then the result is made ready. False: the deadline came first.
    virtual bool wait_for_callback(result_base& result, deadline until) = 0;
    /// The time at which waiting for pending callbacks ends, because the executor does not run them. While it
    /// runs callbacks, the time at which to ask again. Nullopt if they run in a thread of the pool.
    virtual deadline callbacks_awaited_until() = 0;
    /// Wakes the collecting thread that sleeps for a result which is now ready.
    virtual void wake_collector() noexcept = 0;

    /// Runs `callback` on the executor, after the callbacks queued before.
    virtual void run_callback(std::function<void()> callback) = 0;
    /// Called before `run_callbacks`.
    ///
    /// Errors: throws std::bad_alloc, or std::system_error if no thread can be started.
    virtual void prepare_callbacks() = 0;
    /// Takes over the callbacks, and runs them likewise. They are dropped if the user's executor does not
    /// accept them.
    virtual void run_callbacks(callback_list& callbacks) noexcept = 0;
    /// Whether this thread runs a callback of any pool.
    virtual bool in_callback() const noexcept = 0;
    /// The executor of completion handlers without an associated executor.
    virtual boost::asio::any_io_executor callback_executor() = 0;
    /// See async_result::cancel.
    virtual bool cancel(result_base& result) = 0;
    /// Cancels the items of this owner that have not started; running items finish.
    virtual void withdraw(const result_base& owner) noexcept = 0;

    /// Errors: throws std::bad_alloc.
    virtual argument_block allocate_arguments(std::uint64_t bytes) = 0;
    virtual void free_arguments(const argument_block& block) noexcept = 0;

    virtual void close() = 0;
    virtual void terminate() noexcept = 0;
    virtual void join() = 0;
    /// Calls terminate(), then join().
    virtual void shut_down() noexcept = 0;
    /// See pool::resize.
    virtual void resize(std::size_t processes) = 0;
    virtual std::size_t size() const noexcept = 0;
    virtual std::vector<worker_info> workers() const = 0;
    virtual pool_stats stats() const = 0;
    /// See pool::stack_of.
    virtual std::string stack_of(std::size_t worker) = 0;

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

/// Throws the std::logic_error of a pool that was moved from.
[[noreturn]] void throw_moved_from();

/// Errors: throws std::invalid_argument if a pool cannot have so many processes.
void require_possible(std::size_t processes);
/// Errors: throws std::invalid_argument if `worker` is not below `workers`.
void require_worker(std::size_t worker, std::size_t workers);

/// Starts the workers and waits until all are ready.
///
/// Errors: those of pool's constructor.
pool_core_ptr start_pool(pool_options options);

} // namespace detail
} // namespace procpool

#endif
