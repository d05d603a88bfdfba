// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_THIS_TASK_HPP
#define PROCPOOL_THIS_TASK_HPP

#include <cstdint>
#include <stop_token>

/// The task that runs in the calling thread. In a worker, the main thread runs tasks, including the
/// initializer. A thread that a task starts runs no task.
namespace procpool::this_task {

/// Returns whether this thread runs a task of a pool.
bool active() noexcept;

/// Returns a token for which stop is requested when the result of the task is cancelled, when its time-out
/// passes, or when the pool is terminated. If the task does not end within pool_options::terminate_grace
/// after that, its worker is killed. pool::terminate() gives no such time to a task that has not called this
/// function. A std::stop_callback is called in a separate thread of the worker; if stop was requested before
/// the callback was made, in the thread that makes it.
///
/// Errors:        throws std::logic_error outside a task.
/// Thread safety: the token may be passed to other threads.
std::stop_token stop_token();

/// Returns a seed for random numbers. It is made of pool_options::seed and a number: the index of the item in
/// the range of a map, map_reduce or stream, the index of the worker in a broadcast, or the number of calls
/// of apply, apply_async and async_apply submitted before. Of the number, the low 32 bits count. The seed
/// does not depend on the worker or on chunks, and is the same when the task is run again by `retries`. Item
/// 7 of two maps has the same seed; combine it with an argument if that matters.
///
/// Errors: throws std::logic_error outside a task.
std::uint64_t seed();

/// Reports the progress of the task, from 0 to 1; pool::workers() shows it. Values outside are clamped, and
/// NaN becomes 0.
///
/// Errors: throws std::logic_error outside a task.
void report(double fraction);

} // namespace procpool::this_task

#endif
