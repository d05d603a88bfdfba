// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// The checks of a pool's constructor, before anything is started.

#include <procpool/detail/pool_core.hpp>

#include "in_process/in_process_pool.hpp"
#include "os/memory.hpp"
#include "os/self.hpp"
#include "pool/supervisor.hpp"
#include "worker/process_role.hpp"

#include <procpool/options.hpp>
#include <procpool/pool.hpp>
#include <procpool/this_worker.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace procpool::detail {

home_process::home_process() : mark_(&os::process_mark()) {}

void home_process::throw_elsewhere() {
    throw std::logic_error("procpool: this process is a copy made by fork(), and the pool belongs to the "
                           "process that was copied; "
                           "results that were ready before the fork() can be read here, and this process may "
                           "make a pool of its own");
}

void require_possible(std::size_t processes) {
    constexpr std::size_t most = 65536;
    if (processes == 0)
        throw std::invalid_argument("procpool::pool: 0 processes; a pool needs at least 1");
    if (processes > most)
        throw std::invalid_argument("procpool::pool: " + std::to_string(processes) + " processes; at most " +
                                    std::to_string(most) + " are possible");
}

void require_worker(std::size_t worker, std::size_t workers) {
    if (worker >= workers)
        throw std::invalid_argument("procpool::pool::stack_of: there is no worker " + std::to_string(worker) +
                                    "; the pool has " + std::to_string(workers));
}

} // namespace procpool::detail

namespace procpool {

std::size_t default_processes() {
    return os::usable_cpus();
}

void detail::throw_moved_from() {
    if (this_worker::active())
        throw std::logic_error(
            "procpool::pool: this pool is the parent's, which a task cannot use; in this worker it was "
            "never made, or it was moved from. A task may make a pool of its own");
    throw std::logic_error("procpool::pool: the pool was moved from");
}

detail::pool_core_ptr detail::start_pool(pool_options options) {
    serving::require_init();
    require_possible(options.processes);
    if (options.start_timeout <= std::chrono::nanoseconds::zero())
        throw std::invalid_argument(
            "procpool::pool: start_timeout is not positive; no worker starts in no time");
    if (options.max_tasks_per_worker == std::size_t{0})
        throw std::invalid_argument(
            "procpool::pool: max_tasks_per_worker is 0; a worker must be able to run a task");
    if (options.worker_memory_limit == std::size_t{0})
        throw std::invalid_argument(
            "procpool::pool: worker_memory_limit is 0; no process can do without memory");
    if (options.task_timeout && *options.task_timeout <= std::chrono::nanoseconds::zero())
        throw std::invalid_argument("procpool::pool: task_timeout is not positive; no task runs in no time");
    if (options.terminate_grace < std::chrono::nanoseconds::zero())
        throw std::invalid_argument("procpool::pool: terminate_grace is negative");
    if (options.min_processes && *options.min_processes > options.processes)
        throw std::invalid_argument("procpool::pool: min_processes is " +
                                    std::to_string(*options.min_processes) + ", which is more than the " +
                                    std::to_string(options.processes) + " processes");
    if (options.idle_timeout < std::chrono::nanoseconds::zero())
        throw std::invalid_argument("procpool::pool: idle_timeout is negative");
    for (auto& library : options.libraries) {
        if (library.empty())
            throw std::invalid_argument("procpool::pool: a path in libraries is empty");
        if (library.has_parent_path()) // replacements start later, perhaps in another folder
            library = std::filesystem::absolute(library);
    }
    if (!options.keep_failed_calls_in.empty()) {
        std::error_code unknown;
        if (!std::filesystem::is_directory(options.keep_failed_calls_in, unknown))
            throw std::invalid_argument("procpool::pool: keep_failed_calls_in is not a folder");
        options.keep_failed_calls_in = std::filesystem::absolute(options.keep_failed_calls_in);
    }
    if (options.in_process || in_process::environment_wants_it())
        return in_process::in_process_pool::start(options);
    return pooling::supervisor::start(options);
}

namespace {

pool_options options_for(std::size_t processes) {
    pool_options options;
    options.processes = processes;
    return options;
}

} // namespace

pool::pool(std::size_t processes) : pool(options_for(processes)) {}
pool::pool(pool_options options) : core_(detail::start_pool(std::move(options))) {}

} // namespace procpool
