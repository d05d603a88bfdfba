// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_FORKED_COPY_HPP
#define PROCPOOL_DETAIL_TASK_FORKED_COPY_HPP

// A process that a task made by fork() is a copy of the worker, and shares its rings. It may run any code,
// but must not return into the worker's code: two processes would write the same result, and run the same
// tasks.

namespace procpool::detail {

#if !defined(_WIN32) // Windows has no fork

/// Whether this process is a copy of a worker. A plain variable, since it is read after every task.
extern bool is_forked_copy;

/// Prints a message to standard error, and ends this process.
[[noreturn]] void end_forked_copy() noexcept;

/// Ends a copy that leaves a task, by returning or by an exception.
class copies_end_here {
  public:
    copies_end_here() = default;
    copies_end_here(const copies_end_here&) = delete;
    copies_end_here& operator=(const copies_end_here&) = delete;
    ~copies_end_here() {
        if (is_forked_copy) [[unlikely]]
            end_forked_copy();
    }
};

#else

class copies_end_here {};

#endif

} // namespace procpool::detail

#endif
