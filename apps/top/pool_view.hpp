// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_TOP_POOL_VIEW_HPP
#define PROCPOOL_APPS_TOP_POOL_VIEW_HPP

#include "top/other_memory.hpp"

#include <procpool/pool_stats.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// What another program shows of a pool: from bytes to facts. The bytes may be anything: a program can show what it
// likes, and changes them while they are read.

namespace top {

/// Finds the memory of a channel in the program, by its descriptor and the number of what that refers to. Nullopt:
/// it is gone.
using channel_finder = std::function<std::optional<memory>(std::uint32_t descriptor, std::uint64_t number)>;

/// The memory is not that of a pool, or it contradicts itself.
struct unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
};
/// The pool was made by a procpool with another layout.
struct other_version : unreadable {
    using unreadable::unreadable;
};

enum class worker_state { absent, starting, idle, busy, ending };

struct worker_view {
    std::size_t index = 0;
    worker_state state = worker_state::absent;
    std::optional<std::int64_t> pid; // in the PID namespace of the program
    std::uint64_t tasks_done = 0;
    std::uint64_t restarts = 0;
    std::string task; // that runs; empty: none, or its name is not known
    bool runs = false;
    std::chrono::nanoseconds running_for{0};
    double reported = 0;
};

struct pool_view {
    std::uint64_t number = 0;
    std::string library_version;
    bool in_process = false;
    bool elastic = false;
    std::size_t minimum = 0;
    std::size_t processes = 0;
    std::string phase;
    std::chrono::nanoseconds age{0};
    bool settled = true; // false: the pool counted so fast that the counts are not those of one moment
    procpool::pool_stats stats;
    std::vector<worker_view> workers;
    std::size_t workers_not_shown = 0;
};

/// `program`: the PID of the program in its own namespace; a copy that the program has made by fork() also has the
/// memory. Nullopt: the pool is that of another process, or is just being made.
///
/// Errors: throws unreadable, other_version.
std::optional<pool_view> read_pool(const memory& from, std::int64_t program, const channel_finder& channels,
                                   std::chrono::nanoseconds now);

/// The text as UTF-8 without control characters: others are replaced by U+FFFD.
std::string printable(std::string_view text);

const char* name_of(worker_state state) noexcept;

} // namespace top

#endif
