// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_HPP
#define PROCPOOL_POOL_HPP

#include <procpool/async_result.hpp>
#include <procpool/detail/call/async_apply.hpp>
#include <procpool/detail/call/map_call.hpp>
#include <procpool/detail/call/reduce_call.hpp>
#include <procpool/detail/call/single_call.hpp>
#include <procpool/detail/pool_core.hpp>
#include <procpool/error.hpp>
#include <procpool/options.hpp>
#include <procpool/pool_stats.hpp>
#include <procpool/result_stream.hpp>
#include <procpool/task.hpp>
#include <procpool/worker_info.hpp>

#include <concepts>
#include <cstddef>
#include <exception>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace procpool {

/// A pool of worker processes that run tasks.
///
/// A task is a function, named by `fn<f>` or `keywords<f>(...)`, a lambda, or a function object (task.hpp).
/// Its arguments and its result must be encodable (codec.hpp).
///
/// Requires:      procpool::init() was called.
/// Errors:        an exception of a task is thrown by the function that reads the task's result. After
///                close() or terminate(), submitting throws pool_closed; the task has not run. In a pool that
///                was moved from, and in a copy of the process that fork() made, terminate() and the
///                destructor do nothing, size() does not throw, and every other member throws
///                std::logic_error.
/// Thread safety: every member may be called from any thread at any time, also from callbacks; except moves
///                and the destructor, which need a pool that no other thread uses. A task may make a pool of
///                its own, but cannot use the pool that runs it.
/// Source:        Python, multiprocessing.Pool.
class pool {
  public:
    /// Starts `processes` workers and waits until all of them are ready.
    ///
    /// Errors: throws std::logic_error before procpool::init(), std::invalid_argument for 0 or more than
    ///         65536 processes or another invalid option (see pool_options), start_failed if a worker could
    ///         not be started. No process, thread, descriptor or memory is left behind then.
    explicit pool(std::size_t processes);
    /// As above, with more options.
    explicit pool(pool_options options = {});

    /// Calls terminate(), then waits until all workers have exited, and for callbacks unless the pool has an
    /// executor of the user. May be called in a callback.
    ~pool() {
        if (core_)
            core_->shut_down();
    }
    pool(pool&& other) noexcept = default;
    /// Ends the pool that is assigned to, as the destructor does.
    pool& operator=(pool&& other) noexcept {
        pool(std::move(other)).core_.swap(core_);
        return *this;
    }

    /// Runs `task(args...)` in a worker, waits for the result and returns it.
    ///
    /// Errors:     throws the exception of the task, the exception of an encoder (the task has not run), or a
    ///             procpool::error that says why there is no value.
    /// Complexity: O(bytes of the arguments and the result).
    template <class Task, class... Args>
    requires(!std::same_as<Task, call_options>) auto apply(const Task& task, Args&&... args) {
        return start(true, {}, task, std::forward<Args>(args)...).get();
    }
    template <class Task, class... Args>
    auto apply(const call_options& options, const Task& task, Args&&... args) {
        return start(true, options, task, std::forward<Args>(args)...).get();
    }

    /// Sends `task(args...)` to a worker, or queues the call until a worker has room. Does not wait. The task
    /// also runs if its result is dropped.
    ///
    /// Errors:     throws pool_closed, std::invalid_argument for a time-out that is not positive or a worker
    ///             that is not below size(), and codec_error if workers cannot find the task; the task has
    ///             not run. An exception thrown while encoding the task or an argument becomes the outcome of
    ///             the result; the task has not run.
    /// Complexity: O(bytes of the arguments); no system call while the workers are awake.
    template <class Task, class... Args>
    requires(!std::same_as<Task, call_options>) auto apply_async(const Task& task, Args&&... args) {
        return start(false, {}, task, std::forward<Args>(args)...);
    }
    template <class Task, class... Args>
    auto apply_async(const call_options& options, const Task& task, Args&&... args) {
        return start(false, options, task, std::forward<Args>(args)...);
    }

    /// Runs `task(item)` for every item of an input range, waits, and returns the results in the order of the
    /// items.
    ///
    /// Shape:  a std::vector with one result for each item; void if the task returns void.
    /// Errors: after all items have their outcome, throws the error of the lowest failing index. If the error
    ///         has a remote_info, item_index is that index. An item that cannot be encoded fails with the
    ///         exception of the encoder; the other items run. An exception thrown while the range is read, or
    ///         while the members of a function object are encoded, is thrown at once, and no item has run.
    template <class Task, class Range>
    auto map(const Task& task, Range&& range, map_options options = {}) {
        return map_async(task, std::forward<Range>(range), options).get();
    }
    template <class Task, class Item>
    auto map(const Task& task, std::initializer_list<Item> items, map_options options = {}) {
        return start_range<detail::whole_item>(task, items, options).get();
    }
    template <class Task>
    auto map(const Task& task, detail::braced_arguments<Task> items, map_options options = {}) {
        return start_range<detail::whole_item>(task, items.items(), options).get();
    }
    /// Like `map`, but returns without waiting for results. The range has been read when it returns.
    ///
    /// Errors: throws exceptions of the range, pool_closed and std::invalid_argument. The result throws all
    ///         other errors.
    template <class Task, class Range>
    auto map_async(const Task& task, Range&& range, map_options options = {}) {
        return start_range<detail::whole_item>(task, std::forward<Range>(range), options);
    }
    template <class Task, class Item>
    auto map_async(const Task& task, std::initializer_list<Item> items, map_options options = {}) {
        return start_range<detail::whole_item>(task, items, options);
    }
    template <class Task>
    auto map_async(const Task& task, detail::braced_arguments<Task> items, map_options options = {}) {
        return start_range<detail::whole_item>(task, items.items(), options);
    }

    /// Runs `task(get<0>(item), get<1>(item), ...)` for every item of an input range of tuples, pairs or
    /// arrays; otherwise like `map`.
    template <class Task, class Range>
    auto starmap(const Task& task, Range&& range, map_options options = {}) {
        return starmap_async(task, std::forward<Range>(range), options).get();
    }
    template <class Task, class Item>
    auto starmap(const Task& task, std::initializer_list<Item> items, map_options options = {}) {
        return start_range<detail::spread_item>(task, items, options).get();
    }
    template <class Task>
    auto starmap(const Task& task, detail::braced_tuples<Task> items, map_options options = {}) {
        return start_range<detail::spread_item>(task, items.items(), options).get();
    }
    /// Like `starmap`, but returns without waiting for results. The range has been read when it returns.
    ///
    /// Errors: throws exceptions of the range, pool_closed and std::invalid_argument. The result throws all
    ///         other errors.
    template <class Task, class Range>
    auto starmap_async(const Task& task, Range&& range, map_options options = {}) {
        return start_range<detail::spread_item>(task, std::forward<Range>(range), options);
    }
    template <class Task, class Item>
    auto starmap_async(const Task& task, std::initializer_list<Item> items, map_options options = {}) {
        return start_range<detail::spread_item>(task, items, options);
    }
    template <class Task>
    auto starmap_async(const Task& task, detail::braced_tuples<Task> items, map_options options = {}) {
        return start_range<detail::spread_item>(task, items.items(), options);
    }

    /// Runs `task(item)` for every item of an input range, waits, and combines the results in the order of
    /// the items, starting with `init`: reducer(reducer(reducer(init, r0), r1), r2) and so on. Workers
    /// combine the results of a chunk, so that few values are sent; this process combines those values.
    ///
    /// The reducer is a task `T reducer(T, T)`, where T is the type of `init`. Results are converted to T
    /// first. In this process, a copy of the reducer runs in a thread that waits for a result, or in a thread
    /// of the pool, and only if no item has failed.
    ///
    /// Requires: the reducer is associative. The grouping of results may differ between calls.
    /// Shape:    a T; `init` if the range is empty.
    /// Errors:   after all items have their outcome, throws the error of the lowest failing index. If the
    ///           reducer throws in a worker, the item whose result was being added has failed; if it throws in
    ///           this process, the call has failed. If a worker dies, the items whose results it has not
    ///           reported are lost; they may have run. Otherwise like `map`.
    template <class Task, class Range, class Reducer, class T>
    T map_reduce(const Task& task, Range&& range, const Reducer& reducer, T init, map_options options = {}) {
        return map_reduce_async(task, std::forward<Range>(range), reducer, std::move(init), options).get();
    }
    template <class Task, class Item, class Reducer, class T>
    auto map_reduce(const Task& task, std::initializer_list<Item> items, const Reducer& reducer, T init,
                    map_options options = {}) {
        return start_reduction(task, items, reducer, std::move(init), options).get();
    }
    template <class Task, class Reducer, class T>
    auto map_reduce(const Task& task, detail::braced_arguments<Task> items, const Reducer& reducer, T init,
                    map_options options = {}) {
        return start_reduction(task, items.items(), reducer, std::move(init), options).get();
    }
    /// Like `map_reduce`, but returns without waiting for results. The range has been read when it returns.
    ///
    /// Errors: throws exceptions of the range, pool_closed and std::invalid_argument. The result throws all
    ///         other errors.
    template <class Task, class Range, class Reducer, class T>
    async_result<T> map_reduce_async(const Task& task, Range&& range, const Reducer& reducer, T init,
                                     map_options options = {}) {
        return start_reduction(task, std::forward<Range>(range), reducer, std::move(init), options);
    }
    template <class Task, class Item, class Reducer, class T>
    auto map_reduce_async(const Task& task, std::initializer_list<Item> items, const Reducer& reducer, T init,
                          map_options options = {}) {
        return start_reduction(task, items, reducer, std::move(init), options);
    }
    template <class Task, class Reducer, class T>
    auto map_reduce_async(const Task& task, detail::braced_arguments<Task> items, const Reducer& reducer,
                          T init, map_options options = {}) {
        return start_reduction(task, items.items(), reducer, std::move(init), options);
    }

    /// Runs `task(item)` for every item of an input range, and returns a stream of the results in the order
    /// of the items (result_stream.hpp). Each item is a chunk of its own unless `options.chunk_size` is set.
    ///
    /// The stream stores the range as std::views::all does: an lvalue container by reference, anything else
    /// by value, including a braced list. It reads the range lazily, in the thread that reads the stream, and
    /// at most options.max_in_flight items ahead. The first items are read before `imap` returns. The range
    /// may be infinite.
    ///
    /// Requires: an lvalue container, and the elements that a view such as std::span refers to, live as long
    ///           as the stream. `pool.imap(task, std::move(items))` moves a container into the stream.
    /// Errors:   an item whose encoding throws fails with that exception. An exception thrown by the range is
    ///           thrown by `next`, after the results of the items before it. The call itself throws
    ///           pool_closed and std::invalid_argument.
    /// Source:   Python, multiprocessing.Pool.imap.
    template <class Task, class Range>
    auto imap(Task task, Range&& range, map_options options = {}) {
        return start_stream(detail::stream_arrivals::order::input, std::move(task),
                            std::forward<Range>(range), options);
    }
    template <class Task, class Item>
    auto imap(Task task, std::initializer_list<Item> items, map_options options = {}) {
        return start_stream(detail::stream_arrivals::order::input, std::move(task), std::vector<Item>(items),
                            options);
    }
    template <class Task>
    auto imap(Task task, detail::braced_arguments<Task> items, map_options options = {}) {
        return imap(std::move(task), items.items(), options);
    }
    /// Like `imap`, but the results are in the order of completion.
    template <class Task, class Range>
    auto imap_unordered(Task task, Range&& range, map_options options = {}) {
        return start_stream(detail::stream_arrivals::order::completion, std::move(task),
                            std::forward<Range>(range), options);
    }
    template <class Task, class Item>
    auto imap_unordered(Task task, std::initializer_list<Item> items, map_options options = {}) {
        return start_stream(detail::stream_arrivals::order::completion, std::move(task),
                            std::vector<Item>(items), options);
    }
    template <class Task>
    auto imap_unordered(Task task, detail::braced_arguments<Task> items, map_options options = {}) {
        return imap_unordered(std::move(task), items.items(), options);
    }

    /// Runs `task(args...)` once in every worker, waits, and returns the results in the order of the workers'
    /// indices. Workers that min_processes lets be absent are started. A busy worker runs the task after the items that it was given before. If a worker dies before
    /// it starts the task, its replacement runs it. If it dies in the task, that call fails with worker_lost,
    /// unless `retries` allows another run.
    ///
    /// Shape:  a std::vector with one result for each worker; void if the task returns void.
    /// Errors: after all workers have run it, throws the error of the lowest failing worker. If the error has
    ///         a remote_info, item_index is the index of that worker. If an argument cannot be encoded, throws
    ///         the exception of the encoder, and no worker has run the task. Throws std::invalid_argument if
    ///         the options name a worker; no worker has run the task.
    template <class Task, class... Args>
    requires(!std::same_as<Task, call_options>) auto broadcast(const Task& task, Args&&... args) {
        return broadcast_async(task, std::forward<Args>(args)...).get();
    }
    template <class Task, class... Args>
    auto broadcast(const call_options& options, const Task& task, Args&&... args) {
        return broadcast_async(options, task, std::forward<Args>(args)...).get();
    }
    /// Like `broadcast`, but returns without waiting.
    template <class Task, class... Args>
    requires(!std::same_as<Task, call_options>) auto broadcast_async(const Task& task, Args&&... args) {
        return broadcast_async(call_options(), task, std::forward<Args>(args)...);
    }
    template <class Task, class... Args>
    auto broadcast_async(const call_options& options, const Task& task, Args&&... args) {
        using sig = detail::signature_of<Task, Args...>;
        return detail::async_result_access::make<detail::map_result_t<typename sig::result>>(
            detail::start_broadcast<sig>(core(), options, task, std::forward<Args>(args)...));
    }

    /// Runs a bound task as an Asio operation, with any completion token: a callback, use_future,
    /// use_awaitable, deferred and so on. The completion signature is void(std::exception_ptr, R), or
    /// void(std::exception_ptr) if the task returns void.
    ///
    /// The handler runs on its associated executor, else on pool_options::executor, else in the callback
    /// thread of the pool. Terminal and partial cancellation through the handler's cancellation slot call
    /// async_result::cancel.
    ///
    /// Requires: R is void or default constructible.
    /// Errors:   pool_closed, std::invalid_argument for the options and all errors of the task are passed to
    ///           the handler. A pool that was moved from, or a copy that fork() made, throws
    ///           std::logic_error.
    /// Lifetime: a deferred operation may be started after the pool has ended; it completes with pool_closed.
    template <class R, class CompletionToken>
    auto async_apply(bound_task<R> task, CompletionToken&& token) {
        return async_apply(call_options(), std::move(task), std::forward<CompletionToken>(token));
    }
    template <class R, class CompletionToken>
    auto async_apply(const call_options& options, bound_task<R> task, CompletionToken&& token) {
        return boost::asio::async_initiate<CompletionToken, detail::completion_signature_t<R>>(
            detail::async_apply_initiation<R>{&core(), options, core_->callback_executor()}, token,
            std::move(task));
    }
    /// Any other arguments: a compile error that shows the right form.
    template <class... Args>
    requires(!detail::is_async_apply<std::remove_cvref_t<Args>...>) void async_apply(Args&&...) {
        static_assert(
            detail::never<Args...>,
            "procpool: async_apply takes a task that is bound to its arguments, and a completion token: "
            "pool.async_apply(procpool::bind(task, arguments...), token)");
    }

    /// Accepts no more work. Accepted work is finished; then the workers exit, but not while a stream still
    /// has input to read (see result_stream). A worker that is still starting, or runs its initializer, when
    /// no work is left is asked to exit, and killed after pool_options::terminate_grace at the latest. Does
    /// not wait. A repeated call does nothing.
    void close() { core().close(); }

    /// Abandons all work and ends every worker; does not wait for the workers. A running task that has called
    /// this_task::stop_token() is asked to stop, and its worker is killed if the task has not ended after
    /// pool_options::terminate_grace. A worker whose task has not called it ends at once, in the middle of
    /// the task. Results that have not arrived become pool_terminated; their tasks may have run. A repeated
    /// call does nothing.
    void terminate() noexcept {
        if (core_)
            core_->terminate();
    }

    /// Waits until all workers have exited and the callbacks have run; but in a callback, or while the
    /// executor does not run, it does not wait for callbacks. Ends the input of streams. A repeated call
    /// returns.
    ///
    /// Errors: throws std::logic_error unless close() or terminate() was called.
    void join() { core().join(); }

    /// Changes the number of workers to `processes`, and waits until new workers are ready. When shrinking, it
    /// does not wait: the workers with the highest indices finish the items that they have started, their
    /// broadcasts and the calls that name them (call_options::worker), and exit; their other queued items go
    /// to other workers. Workers whose start was given up are started again, also if the number does not
    /// change. With min_processes, this is the largest number, and workers are started as needed; while it is
    /// below min_processes, it counts instead. If another resize(), close() or terminate() comes first, it returns without an error.
    ///
    /// Errors: throws std::invalid_argument for 0 or more than 65536; start_failed if a new worker could not
    ///         be started, in which case the number of workers is unchanged; pool_closed after close() or
    ///         terminate().
    void resize(std::size_t processes) { core().resize(processes); }

    /// The requested number of workers, also if min_processes lets some be absent; 0 if the pool was moved from.
    std::size_t size() const noexcept { return core_ ? core_->size() : 0; }

    /// Describes the workers 0 to size() - 1 as they are now; a surplus worker that still runs is not listed.
    /// With min_processes, only those that have a process, or will soon have one: see worker_info::index.
    std::vector<worker_info> workers() const { return core().workers(); }

    /// What the pool has done since it was made. Also after close(), terminate() and join(). An item is
    /// counted under its outcome before its result is ready.
    ///
    /// Complexity: linear in the number of workers; does not delay them.
    pool_stats stats() const { return core().stats(); }

    /// Where the task of a worker is now: a line for each call, the innermost first, as in remote_info::stack. It
    /// works on a task that hangs, which notices no more than that a signal with SA_RESTART was handled. Empty if
    /// the worker runs no task (an initializer is none), has just been lost, or does not answer within two
    /// seconds, because it is stopped or its task has blocked all signals. On Windows one line, without a
    /// function; always empty with in_process.
    ///
    /// Errors: throws std::invalid_argument if `worker` is not below size().
    /// Complexity: as get_remote_info for a crash; delays no other worker.
    std::string stack_of(std::size_t worker) const { return core().stack_of(worker); }

  private:
    template <class Task, class... Args>
    auto start(bool caller_waits, const call_options& options, const Task& task, Args&&... args) {
        using sig = detail::signature_of<Task, Args...>;
        using call = detail::call<Task, sig>;
        auto& to = core();
        to.require_open();
        boost::intrusive_ptr<call> made(new call(to));
        made->limit(options.timeout, options.retries, options.priority);
        made->pin(options.worker, to.size());
        try {
            made->encode(task, std::forward<Args>(args)...);
        } catch (...) {
            made->refuse(std::current_exception());
            return detail::async_result_access::make<typename sig::result>(std::move(made));
        }
        made->submit_to(to, caller_waits);
        return detail::async_result_access::make<typename sig::result>(std::move(made));
    }

    template <class Spread, class Task, class Range>
    auto start_range(const Task& task, Range&& range, const map_options& options) {
        if constexpr (detail::check_input<Range>()) {
            const auto plan = plan_for(range, options);
            using sig = detail::map_signature<Spread, Task, Range>;
            return detail::async_result_access::make<detail::map_result_t<typename sig::result>>(
                detail::start_map<Spread>(core(), task, std::forward<Range>(range), plan, options));
        } else {
            return async_result<void>();
        }
    }

    template <class Task, class Range, class Reducer, class T>
    async_result<T> start_reduction(const Task& task, Range&& range, const Reducer& reducer, T init,
                                    const map_options& options) {
        if constexpr (detail::check_input<Range>()) {
            using sig = detail::map_signature<detail::whole_item, Task, Range>;
            static_assert(detail::check_reducer<T, typename sig::result, Reducer>());
            return detail::async_result_access::make<T>(
                detail::start_reduction<T>(core(), task, std::forward<Range>(range), reducer, std::move(init),
                                           plan_for(range, options), options));
        } else {
            return {};
        }
    }

    template <class Range>
    detail::chunk_plan plan_for([[maybe_unused]] Range& range, const map_options& options) const {
        std::optional<std::size_t> length;
        if constexpr (std::ranges::sized_range<Range>)
            length = static_cast<std::size_t>(std::ranges::size(range));
        return detail::chunk_plan(options.chunk_size, length, core().size());
    }

    template <class Task, class Range>
    auto start_stream(detail::stream_arrivals::order in, Task task, Range&& range,
                      const map_options& options) {
        if constexpr (detail::check_input<Range>())
            return detail::start_stream(core(), in, std::move(task), std::forward<Range>(range), options);
    }

    detail::pool_core& core() const {
        if (!core_) [[unlikely]]
            detail::throw_moved_from();
        return *core_;
    }

    detail::pool_core_ptr core_; // null: moved from
};

} // namespace procpool

#endif
