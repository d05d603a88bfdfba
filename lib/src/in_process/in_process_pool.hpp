// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_IN_PROCESS_IN_PROCESS_POOL_HPP
#define PROCPOOL_IN_PROCESS_IN_PROCESS_POOL_HPP

#include "call/hook_run.hpp"
#include "channel/responses.hpp"
#include "delivery/callback_queue.hpp"
#include "delivery/delivery.hpp"
#include "in_process/item_runner.hpp"
#include "in_process/work_queue.hpp"
#include "os/waiting.hpp"
#include "saved_call/call_folder.hpp"
#include "stats/item_counts.hpp"
#include "status/status_page.hpp"
#include "trace/recorder.hpp"
#include "worker/running_item.hpp"

#include <procpool/detail/pool_core.hpp>
#include <procpool/options.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

namespace procpool::in_process {

/// The value of this environment variable makes every pool of a program run its tasks in the process of the
/// program, unless it is empty or "0".
inline constexpr const char* in_process_variable = "PROCPOOL_IN_PROCESS";
bool environment_wants_it();

/// The second implementation of a pool: one thread runs all items, one after the other. It shares with
/// `pooling::supervisor` what happens to a call before it is given to a worker and after its outcome is
/// there, and with the worker what runs the items of a frame.
///
/// One mutex guards all members. The user's code does not run under it.
///
/// A task cannot use the pool that runs it, as in a worker: that throws std::logic_error, in place of waiting
/// for ever. A codec that reads an outcome may use the pool: if it waits in the pool's thread, that thread
/// runs the items of the awaited result first.
///
/// A second thread, which is started with the first call that has a time limit, requests the stop of late
/// items.
class in_process_pool final : public detail::pool_core {
  public:
    /// Errors: see pool's constructor.
    static detail::pool_core_ptr start(const pool_options& options);

    void submit(std::span<detail::job* const> jobs, bool caller_waits) override;
    void begin_stream() override;
    void submit_more(std::span<detail::job* const> jobs, bool caller_waits) override;
    void end_stream() noexcept override;
    void require_open() const override;
    bool wait(detail::result_base& result, detail::deadline until) override;
    bool wait_for_callback(detail::result_base& result, detail::deadline until) override;
    detail::deadline callbacks_awaited_until() override;
    void wake_collector() noexcept override;
    void run_callback(std::function<void()> callback) override { callbacks_->post(std::move(callback)); }
    void prepare_callbacks() override { static_cast<void>(callbacks_->prepare()); }
    void run_callbacks(detail::callback_list& callbacks) noexcept override { callbacks_->post(callbacks); }
    bool in_callback() const noexcept override { return pooling::callback_queue::in_callback(); }
    boost::asio::any_io_executor callback_executor() override;
    bool cancel(detail::result_base& result) override;
    void withdraw(const detail::result_base& owner) noexcept override;
    detail::argument_block allocate_arguments(std::uint64_t bytes) override;
    void free_arguments(const detail::argument_block& block) noexcept override;
    void close() override;
    void terminate() noexcept override;
    void join() override;
    void shut_down() noexcept override;
    void resize(std::size_t processes) override;
    std::size_t size() const noexcept override { return size_.load(std::memory_order_relaxed); }
    std::vector<worker_info> workers() const override;
    pool_stats stats() const override;
    std::string stack_of(std::size_t worker) override;

    // For item_runner: called by the pool's thread, without the lock.

    /// Begins the next item. False: none is left, or other work comes first.
    bool begin_item(item_runner& of);
    /// Delivers the outcome of the first item without one.
    void settle(item_runner& of, channel::record_kind kind, std::span<const std::byte> bytes) noexcept;
    void fail_rest(item_runner& of, const std::exception_ptr& why) noexcept;
    std::stop_token stop_token() { return running_item_.stop_token(); }
    std::uint64_t seed() const noexcept { return options_.seed; }

  private:
    using lock = std::unique_lock<std::mutex>;
    using clock = item_runner::clock;
    using delivery = pooling::delivery;
    using locked_delivery = pooling::locked_delivery;

    class waiting;

    explicit in_process_pool(const pool_options& options);
    ~in_process_pool() override = default;

    // in_process_pool.cpp
    void initialize();
    void run_initializer();
    void make_finalizer();
    void run_finalizer(lock& held) noexcept;
    bool is_own_thread() const noexcept { return std::this_thread::get_id() == thread_id_.load(); }
    void refuse_tasks() const;
    void end_copy() const noexcept;
    work_queue::pieces pieces_of(std::span<detail::job* const> jobs) const;
    void enqueue(std::span<detail::job* const> jobs, work_queue::pieces& what) noexcept;
    void prepare_clock(std::span<detail::job* const> jobs);
    void run() noexcept;
    void note_own_thread() noexcept;
    void run_piece(work_queue::pieces& one, lock& held, bool goes_first = false) noexcept;
    void run_queue_for_callbacks_of(detail::result_base& result, detail::deadline until);
    void run_items_of(detail::result_base& result, detail::deadline until);
    bool is_below(const detail::result_base& result) const noexcept;
    bool take_front_if_any(work_queue::pieces& to) noexcept;
    void watch_clock() noexcept;
    void fail(const piece& what, const std::exception_ptr& why, counting::ending how, delivery& out) noexcept;
    void fail_unrun(const piece& what, const std::exception_ptr& why, counting::ending how,
                    delivery& out) noexcept;
    void settle_in_time(item_runner::account& of, channel::record_kind kind, std::span<const std::byte> bytes,
                        delivery& out) noexcept;
    void settle_late(item_runner::account& of, delivery& out) noexcept;
    const item_runner* running() const noexcept;
    void show_running() noexcept;

    // ending.cpp
    bool is_idle() const noexcept;
    work_queue::pieces take_unbegun(const detail::result_base& owner, delivery& out);
    void cancel_unbegun(const work_queue::pieces& what, delivery& out) noexcept;
    void end_threads() noexcept;
    void show_no_more() noexcept;

    const pool_options options_;
    const long pid_;
    std::atomic<std::size_t> size_;
    const std::shared_ptr<pooling::callback_queue> callbacks_;
    const std::exception_ptr terminated_error_;                          // made while there is memory
    const std::unique_ptr<const saved_calls::call_folder> failed_calls_; // null: none are kept
    const std::unique_ptr<tracing::recorder> trace_;                     // null: none
    const os::signal_mask signal_mask_; // that of the thread that made the pool
    serving::running_item running_item_;

    mutable std::mutex mutex_;
    std::condition_variable changed_; // there is work, or the end has come closer
    std::condition_variable clock_changed_;
    work_queue queue_;
    item_runner* innermost_ = nullptr; // what the pool's thread runs; it alone changes this
    std::uint64_t submissions_ = 0;
    std::uint64_t sequence_ = 0;
    std::size_t single_calls_ = 0; // submitted so far: for this_task::seed
    counting::item_counts counts_;
    status::status_page status_;
    std::vector<std::uint64_t> tasks_done_;     // by worker
    std::optional<clock::time_point> deadline_; // of the item that runs
    std::atomic<bool> closed_{false};           // written under the lock
    std::size_t streams_ = 0;                   // streams that have not read all of their input
    bool may_end_ = false;                      // closed, and streams submit no more
    std::atomic<bool> terminated_{false};       // written under the lock
    bool has_ended_ = false;                    // the thread runs nothing any more
    std::atomic<std::thread::id> thread_id_{};
    in_process_pool* waits_for_ = nullptr; // the thread waits for a result of that pool; see `waiting`
    std::thread thread_;
    std::thread clock_;
    std::mutex join_mutex_;
    std::unique_ptr<pooling::hook_run> finalizer_; // null: none, or it is queued
    work_queue::pieces finalizer_piece_;
};

} // namespace procpool::in_process

#endif
