// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_FAILURE_TEXTS_HPP
#define PROCPOOL_ERROR_FAILURE_TEXTS_HPP

// The texts of a pool's own errors, as returned by what(): what happened to which task in which worker, and
// whether the task may have run.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace procpool::detail {

/// How a process ended: "exited with status 3", "was killed by signal 9 (SIGKILL)", "ended for an unknown
/// reason".
std::string ending_text(std::optional<int> exit_status, std::optional<int> signal_number);

/// A path in UTF-8; where paths are bytes, these bytes.
std::string in_utf8(const std::filesystem::path& path);

/// "0x1f"
std::string in_hexadecimal(std::uint64_t number);

/// `task_name` was running in `pid` when that process died. `ending` follows "Worker 4711 ".
std::string worker_lost_text(std::string_view task_name, long pid, std::string_view ending);

std::string task_timeout_text(std::string_view task_name, long pid, std::chrono::nanoseconds timeout);

/// `running_in`: the worker that ran the task when it was cancelled; nullopt if it was queued.
std::string task_cancelled_text(std::string_view task_name, std::optional<long> running_in);

/// `running_in`: the worker that ran the task when the pool was terminated; nullopt if it was queued.
std::string pool_terminated_text(std::string_view task_name, std::optional<long> running_in);

/// `why` completes the sentence "Worker <index> could not be started: <why>."
std::string start_failed_text(std::size_t worker_index, std::string_view why);

/// The `why` of an initializer that threw.
std::string initializer_failed_text(const std::exception_ptr& why) noexcept;

} // namespace procpool::detail

#endif
