// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_PROCESS_ROLE_HPP
#define PROCPOOL_WORKER_PROCESS_ROLE_HPP

#include <string>

namespace procpool::serving {

enum class process_role {
    program,
    worker,       // a pool started this process
    orphan,       // a pool started it, or the process that forked it; the pool's process is gone
    below_worker, // started, or forked, by a worker that has not called init() yet
};

/// The role of this process according to the environment with which it was started, even if that has been
/// changed since.
struct own_start {
    process_role role = process_role::program;
    std::string text; // the value of `worker_variable`
};
own_start find_own_start();
/// Likewise, without memory to find out more: whether a pool may have started this process.
bool may_be_worker() noexcept;

/// Whether a worker runs tasks in this process, for a pool of any copy of the library.
bool any_copy_serves();

/// Throws std::logic_error if procpool::init() was not called in this process, or if the process is a worker
/// that does not serve; then the parent is sent the reason, too.
void require_init();

} // namespace procpool::serving

#endif
