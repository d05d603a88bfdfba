// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_FORKED_COPY_HPP
#define PROCPOOL_DETAIL_FORKED_COPY_HPP

// A process that a task made by fork() is a copy of the worker, and shares its rings. It may do what it
// likes, but not go on where the worker does: two would write the same result, and run the same tasks.

namespace procpool::detail {

#if !defined(_WIN32) // where there is no fork

/// Is this process a copy of a worker? A plain variable, since it is looked at after every task.
extern bool is_forked_copy;

/// Says so on standard error, and ends this process.
[[noreturn]] void end_forked_copy() noexcept;

/// Ends a copy that comes out of a task, whether it returns or throws.
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
