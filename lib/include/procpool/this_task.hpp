// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_THIS_TASK_HPP
#define PROCPOOL_THIS_TASK_HPP

#include <cstdint>
#include <stop_token>

/// The task that the calling thread runs. In a worker, tasks run in the main thread.
namespace procpool::this_task {

/// Does this thread run a task of a pool?
bool active() noexcept;

/// Stop is requested when the result of the task is cancelled, when its time-out passes, or when the pool is
/// terminated. A task that does not end within pool_options::terminate_grace after that is ended with its
/// worker, so asking is a task's chance to leave things in order. A std::stop_callback is called in a thread
/// of its own.
///
/// Errors:        throws std::logic_error outside a task.
/// Thread safety: the token may be given to other threads.
std::stop_token stop_token();

/// A seed for random numbers, made of pool_options::seed and a number: the index of the item in the range of
/// a map or stream, the worker's index in a broadcast, and for single calls how many of them the pool was
/// given before. It does not depend on the worker that runs the task, nor on chunks, and is the same when the
/// task is run again by `retries`. Item 7 of two maps has one seed; mix in an argument where that matters.
///
/// Errors: throws std::logic_error outside a task.
std::uint64_t seed();

/// How far the task has come, from 0 to 1; pool::workers() shows it. What lies outside is taken for the
/// nearer end, and not-a-number for 0.
///
/// Errors: throws std::logic_error outside a task.
void report(double fraction);

} // namespace procpool::this_task

#endif
