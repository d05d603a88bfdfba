// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_SUPERVISOR_HPP
#define PROCPOOL_POOL_SUPERVISOR_HPP

#include "channel/argument_memory.hpp"
#include "channel/sleep.hpp"
#include "crash/crash_report.hpp"
#include "delivery/callback_queue.hpp"
#include "delivery/delivery.hpp"
#include "delivery/worker_outputs.hpp"
#include "lifecycle/late_items.hpp"
#include "lifecycle/orders.hpp"
#include "lifecycle/settings_requests.hpp"
#include "lifecycle/worker_starts.hpp"
#include "link/task_modules.hpp"
#include "link/worker_link.hpp"
#include "link/worker_process.hpp"
#include "link/worker_streams.hpp"
#include "os/process.hpp"
#include "os/self.hpp"
#include "os/waiting.hpp"
#include "pool/collector.hpp"
#include "pool/own_collectors.hpp"
#include "saved_call/call_folder.hpp"
#include "scheduler/idle_times.hpp"
#include "scheduler/scheduler.hpp"
#include "stats/item_counts.hpp"
#include "status/status_page.hpp"
#include "trace/recorder.hpp"

#include <procpool/detail/pool_core.hpp>
#include <procpool/options.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace procpool::pooling {

class collecting_scope;

/// The implementation of a pool: reports events to the scheduler, and carries out its decisions.
///
/// One mutex guards all members. Code that blocks, calls the user's code or rings a doorbell does not run
/// under it: such actions are gathered in a `locked_delivery`, and done when it has released the lock. Only the
/// io_context's thread starts, watches and reaps processes. It also watches the clock, and never runs the
/// user's code: so time limits and starts do not wait for codecs.
///
/// Parts. `orders`, `late_items`, `worker_starts` and `collector` each hold the state of one subject and decide
/// about it, under the same mutex; what they decide is done here.
///
/// Memory. A failed allocation costs one call. Operations that can fail come before the first change of
/// state. If a decision of the scheduler cannot be carried out now, the io_context's thread carries it out
/// later, and repeats its own operations that have failed. It is controlled by `orders`, which need no
/// memory.
///
/// Lifetime. Results refer to this object also after the pool has ended, but need only values and errors. So
/// the end of the pool frees descriptors, mappings and threads. If other threads still collect at that time,
/// the last of them frees these resources. A delivery with a bell to ring keeps the bells until it has rung it;
/// lent blocks of arguments keep the argument memory.
///
/// Collecting. At most one thread collects at a time: it drains the rings of all workers. A thread that waits
/// for a result collects if no other thread does; otherwise a thread of the pool does, when its doorbell
/// rings. A thread that stops collecting while items are outstanding writes `on_doorbell` to the workers'
/// sleep words and checks the rings once more, so there is always a thread that will be woken. If idle
/// workers get no work because others seem to make progress, and no thread is awake to check this, the clock
/// triggers a check. The collecting thread delivers outcomes in the order in which they came; another thread
/// that has drained some leaves them to it. If a codec waits for another result, its thread stops collecting,
/// because a value decoded on its stack could depend on the value that it is decoding. The pool's own thread
/// continues; if that is the thread that waits, a new one replaces it (`give_way`).
class supervisor final : public detail::pool_core {
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
    void run_callback(std::function<void()> callback) override;
    void prepare_callbacks() override { static_cast<void>(callbacks_->prepare()); }
    void run_callbacks(detail::callback_list& callbacks) noexcept override { callbacks_->post(callbacks); }
    bool in_callback() const noexcept override { return callback_queue::in_callback(); }
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
    std::size_t size() const noexcept override { return processes_wanted_.load(std::memory_order_relaxed); }
    std::vector<worker_info> workers() const override;
    pool_stats stats() const override;
    std::string stack_of(std::size_t worker) override;

  private:
    using lock = std::unique_lock<std::mutex>;

    explicit supervisor(const pool_options& options);
    ~supervisor() override;

    // supervisor.cpp
    void show_status() noexcept;
    void wait_until_started();
    void let_workers_end();
    void find_tasks(std::span<detail::job* const> jobs);
    void make_room_for(std::span<detail::job* const> jobs);
    void enqueue(std::span<detail::job* const> jobs) noexcept;
    void carry_out(delivery& out, bool caller_collects = false) noexcept;
    void carry_out_all(delivery& out, bool caller_collects);
    void carry_out_one(const scheduling::action& what, delivery& out);
    void ask_for_claimed(std::size_t place) noexcept;
    void plan_check_of_held_back() noexcept;
    bool watch_idle() noexcept;
    void note_progress(std::size_t place, const worker_link::progress& done) noexcept;
    void fail(const scheduling::work& what, const std::exception_ptr& why, counting::ending how,
              delivery& out) noexcept;
    void fail_unrun(const scheduling::work& what, const std::exception_ptr& why, counting::ending how,
                    delivery& out) noexcept;

    // event_loop.cpp: the io_context's thread
    void wake_event_loop() noexcept;
    void run() noexcept;
    void try_again() noexcept;
    void carry_out_orders();
    void carry_out_orders_for(std::size_t place);
    void read_output();
    void set_clock();
    void look_at_clock();

    // sizing.cpp
    std::size_t working_place(std::size_t worker) const noexcept;
    void set_workers(std::size_t processes, delivery& out);
    void wait_for_starts(locked_delivery& held, std::size_t from, const std::function<bool()>& over);
    void leave_requests_to_all(locked_delivery& held) noexcept;

    // ending.cpp
    void set_closed() noexcept;
    bool cancel_unbegun(const std::function<bool(const scheduling::work&)>& is_wanted, delivery& drained,
                        delivery& out);
    void fail_abandoned(locked_draining& held) noexcept;
    void free_kept_arguments() noexcept;
    void free_resources_if_unused() noexcept;
    void start_threads();
    void join_threads();

    // collect.cpp
    void drain(delivery& out);
    void drain(std::size_t place, delivery& out);
    void collect_what_is_there(delivery& out);
    void take_left_outcomes(delivery& out);
    void leave_outcomes(delivery& out) noexcept;
    bool collects_here() const noexcept;
    void stop_collecting(collecting_scope& scope, delivery& out) noexcept;
    void arm_own_bell(delivery& out) noexcept;
    using bell = collector<link_table>::bell;
    void ring(bell which, delivery& out) noexcept;
    void collect(lock taken, detail::result_base& result, const detail::deadline& until);
    bool is_for_callbacks_to_end(const detail::result_base& result) const noexcept;
    void park(detail::result_base& result, const detail::deadline& until) noexcept;
    void collect_until(locked_delivery& held, collecting_scope& scope, detail::result_base& result,
                       const detail::deadline& until);
    void collect_for_all(locked_delivery& held, collecting_scope& scope);
    template <class Spin>
    bool deliver_and_spin(locked_delivery& held, const collecting_scope& scope, Spin spin);
    void note_delivered(bool did, bool own) noexcept;

    // own_threads.cpp
    static void give_way(const detail::result_base& result);
    void leave_collecting(collecting_scope& scope);
    void add_own_collector();
    void collect_when_rung(own_collector& self) noexcept;
    void collect_unawaited(own_collector& self);
    void await_own_collectors();
    void end_own_collectors();
    void dismiss_own_collectors() noexcept;

    // settings.cpp: in the io_context's thread, unless noted
    void ask_for_settings(std::size_t place);
    settings_requests::time settings_limit() const noexcept;
    void post_request(const settings_requests::request& what);
    void answer_request(const settings_requests::request& what) noexcept;
    void settings_answered(const settings_requests::request& what, settings_answer&& with) noexcept;
    void limit_settings();
    void end_late_requests();
    void forget_settings(std::size_t place) noexcept;

    // worker_lives.cpp: in the io_context's thread, unless noted
    void start_worker(std::size_t place);
    void worker_connected(std::size_t place);
    void give_initializer(std::size_t place);
    void make_finalizer(std::size_t place);
    void dismiss(std::size_t place, delivery& out) noexcept;
    bool give_finalizer(std::size_t place) noexcept;
    void finalizer_ended(const std::exception_ptr& why, finalizer_report& report) noexcept;
    void initializer_ended(std::size_t place, std::uint64_t ended_before,
                           const std::exception_ptr& why) noexcept;
    void worker_initialized(std::size_t place, const std::exception_ptr& why) noexcept;
    void worker_ready(std::size_t place, worker_process& process, delivery& out) noexcept;
    void worker_not_started(std::size_t place, std::string_view why) noexcept;

    // worker_ends.cpp: in the io_context's thread, unless noted
    void worker_hung_up(std::size_t place);
    void stack_written();
    worker_streams::task what_runs(std::size_t place) const;
    void worker_ended(std::size_t place, const os::exit_report& how, const std::string& reason);
    worker_link::leftovers read_what_is_left(std::size_t place, long pid, const worker_end& end,
                                             delivery& out);
    struct dead_worker {
        std::size_t place;
        long pid;
        const worker_end& end;
        const last_errors* printed;         // null: it was not read
        std::vector<code_place> stopped_at; // where its first lost item was when it was asked to stop
        std::uint64_t began;                // when that item began, as it may have written; 0: not known
    };
    void settle_lost(const scheduling::work& lost, bool timed_out, const dead_worker& worker,
                     std::vector<scheduling::work>& again, delivery& out);
    void fail_and_save(const scheduling::work& what, const std::exception_ptr& why, counting::ending how,
                       long pid, delivery& out) noexcept;
    void trace_end(std::size_t place, const worker_process& process, std::string_view how,
                   std::string_view why_not_ready) noexcept;
    void end_workers();
    void kill_all() noexcept;

    const pool_options options_;
    os::launch_context context_; // of all workers, even if the program changes its own later
    const std::size_t cpus_;
    std::atomic<std::size_t> processes_wanted_; // written under the lock
    const std::shared_ptr<callback_queue> callbacks_;
    const std::shared_ptr<callback_queue>
        settings_calls_;                            // a callback may wait for a worker; null: none are made
    const std::shared_ptr<worker_outputs> outputs_; // null: it is not read
    const std::exception_ptr terminated_error_;     // made while there is memory
    const std::unique_ptr<const saved_calls::call_folder> failed_calls_; // null: none are kept

    const std::unique_ptr<tracing::recorder> trace_; // null: none

    bell_set_ptr bells_{new bell_set()};

    mutable std::mutex mutex_;
    scheduling::scheduler scheduler_;
    std::uint64_t stack_requests_ = 0;
    std::size_t single_calls_ = 0; // submitted so far: for this_task::seed
    counting::item_counts counts_;
    status::status_page status_;
    link_table links_{*bells_, counts_, static_cast<bool>(options_.on_output),
                      trace_.get()};      // one for each place of the scheduler
    std::atomic<bool> closed_{false};     // written under the lock
    std::size_t streams_ = 0;             // streams that have not read all of their input
    bool workers_may_end_ = false;        // closed, and streams submit no more
    std::atomic<bool> terminated_{false}; // written under the lock

    orders orders_{[this] {
        wake_event_loop();
    }};
    order_slot order_slot_; // for the handler that carries them out
    late_items late_items_{scheduler_, orders_, options_.terminate_grace};
    worker_starts starts_{scheduler_, orders_};
    std::optional<scheduling::idle_times> idle_times_; // if the scheduler has a minimum
    settings_requests settings_;
    std::size_t resizing_threads_ = 0; // that call settings_for themselves
    std::size_t resized_from_ = 0;     // for the places from this on

    collector<link_table> collector_{{links_, scheduler_, starts_, late_items_, terminated_},
                                     channel::max_parent_spin_turns(options_.processes, cpus_)};

    std::condition_variable started_or_ended_;

    channel::argument_memory arguments_;
    task_modules tasks_{arguments_};
    const std::uint64_t initializer_task_ =
        options_.initializer ? tasks_.id_of(options_.initializer->call().run) : 0;
    const std::uint64_t finalizer_task_ =
        options_.finalizer ? tasks_.id_of(options_.finalizer->call().run) : 0;
    std::vector<finalizer_at> finalizers_;               // by place
    std::vector<detail::argument_block> kept_arguments_; // abandoned tasks may still read them
    const os::signal_mask signal_mask_;                  // that of the thread that made the pool
    const os::doorbell* pool_bell_;                      // wakes the pool's own collecting thread
    const os::doorbell* collector_bell_;                 // wakes a thread that waits and collects

    std::optional<os::standard_streams_kept_free> while_made_{std::in_place}; // Asio opens descriptors below
    struct event_loop {
        event_loop() : work(io.get_executor()), clock(io), end_timer(io), settings_timer(io) {}
        boost::asio::io_context io;
        boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
        boost::asio::steady_timer clock;          // for time-outs
        boost::asio::steady_timer end_timer;      // for terminate_grace
        boost::asio::steady_timer settings_timer; // for settings_for, of which the start_timeout is the limit
    };
    std::optional<event_loop> loop_{std::in_place};
    std::vector<std::shared_ptr<worker_process>> processes_; // in the io_context's thread
    bool processes_go_on_ = false;                           // there, too: failed operations must be repeated
    std::thread thread_;                                     // runs the io_context
    own_collectors own_collectors_;                          // the last one has the bell
    bool ended_ = false;           // the pool object is gone; this and the next two under the lock
    bool threads_joined_ = false;  // all but detached own collectors
    bool resources_freed_ = false; // see free_resources_if_unused
    std::mutex join_mutex_;
};

} // namespace procpool::pooling

#endif
