// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_STOPPING_TASKS_HPP
#define PROCPOOL_TEST_STOPPING_TASKS_HPP

#include "support/eventually.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/options.hpp>
#include <procpool/this_task.hpp>

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <thread>

// Tasks that can be asked to stop, and tasks that cannot. They write their progress to a file, line by line.
namespace procpool::test {

/// Longer than any test waits.
inline constexpr std::chrono::hours endless{1};

/// The options of a pool whose tasks have this long to stop.
inline pool_options with_grace(std::size_t processes, std::chrono::nanoseconds grace) {
    pool_options options;
    options.processes = processes;
    options.terminate_grace = grace;
    return options;
}

/// Runs until it is asked to stop.
inline int await_stop(const std::string& file) {
    const auto token = this_task::stop_token();
    append_line(file, "began");
    if (!eventually([&] { return token.stop_requested(); }))
        throw std::runtime_error("nobody asked it to stop");
    append_line(file, "stopped");
    return 1;
}

/// Never checks whether it is asked to stop.
inline int ignore_everything(const std::string& file) {
    append_line(file, "began");
    for (;;)
        std::this_thread::sleep_for(endless);
}

} // namespace procpool::test

#endif
