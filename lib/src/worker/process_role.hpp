// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_PROCESS_ROLE_HPP
#define PROCPOOL_WORKER_PROCESS_ROLE_HPP

#include <string>

namespace procpool::serving {

enum class process_role {
    program,
    worker,       // a pool started this process
    orphan,       // a pool started it, or started the process that forked it, and the pool's process is gone
    below_worker, // started, or forked, by a worker that has not called init() yet
};

/// What this process is by the environment that it was started with, whatever was changed in it since.
struct own_start {
    process_role role = process_role::program;
    std::string text; // the value of `worker_variable`
};
own_start find_own_start();
/// Likewise, where there is no memory to know more: is it perhaps a process that a pool started?
bool may_be_worker() noexcept;

/// A worker runs tasks in this process, for a pool of any copy of the library.
bool any_copy_serves();

/// Throws std::logic_error unless procpool::init() was called in this process, or if it is a worker that does
/// not serve; then the parent is sent the reason, too.
void require_init();

} // namespace procpool::serving

#endif
