// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CRASH_CRASH_REPORT_HPP
#define PROCPOOL_CRASH_CRASH_REPORT_HPP

#include "os/crash_watch.hpp"
#include "os/exit_report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace procpool::pooling {

/// A place in the code of another process.
struct code_place {
    std::optional<std::string> module; ///< name of the loader; empty: the program itself
    std::uint64_t offset = 0;          ///< in the module; an address if there is none
};

/// The report of a dead worker about its crash.
struct crash_report {
    std::optional<std::uint64_t> address; ///< the address of the fault
    std::vector<code_place> stack;        ///< the innermost first
    std::optional<std::string>
        terminated_by; ///< std::terminate() was called; the exception, if there was one
};

/// How a worker ended, with its crash report. Only a report that matches the exit status is used: a record
/// may be left from a fault that the process survived, or may have been overwritten.
struct worker_end {
    os::exit_report how;
    std::optional<crash_report> crash;
};

worker_end end_of_worker(os::exit_report how, const os::crash_record& record);

/// The stack that a worker wrote for the request `number`; empty if it answers another one, or is damaged.
///
/// Errors: throws std::bad_alloc.
std::vector<code_place> stack_in(const os::stack_record& record, std::uint64_t number);

/// Follows "worker 4711 ": "was killed by signal 11 (Segmentation fault) at address 0x10".
std::string ending_text(const worker_end& end);

/// A line for each call, the innermost first: " 0# sieve(int) at sieve.cpp:12". A worker is the same program
/// as this process, so its function names are known here.
std::string stack_text(const std::vector<code_place>& stack);

} // namespace procpool::pooling

#endif
