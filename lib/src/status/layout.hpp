// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_STATUS_LAYOUT_HPP
#define PROCPOOL_STATUS_LAYOUT_HPP

#include "channel/layout.hpp"

#include <procpool/pool_stats.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

// The memory that a pool shows to procpool-top, byte for byte. The pool writes it under its lock and reads
// nothing of it but its own counts. Other programs can only read it, at any moment, also while the pool is
// stopped in the middle of a change:
//
//     The counts of `stats` only grow. A reader that reads them twice and finds the same has what they were
//     at one moment.
//     `worker_row::changes` is odd while a row changes.
//
// What a worker runs is not here. It is read where the worker reads and writes it: in its channel, which
// `worker_row` names. So showing it costs the pool and its workers nothing.

namespace procpool::status {

/// The name of the memory under /proc/PID/fd.
inline constexpr const char* memory_name = "procpool-status";

/// Begins every page, in every version of the library.
struct page_prefix {
    std::array<char, 16> magic;
    std::array<char, 32> library_version; // text, filled up with zeros
    std::uint64_t layout;                 // layout_id of the library
    std::atomic<std::uint64_t> pid; // of the program, in its own PID namespace; 0: the page is being made
};
static_assert(sizeof(page_prefix) == 64);

inline constexpr std::array<char, 16> page_magic{'p', 'r', 'o', 'c', 'p', 'o', 'o', 'l',
                                                 ' ', 's', 't', 'a', 't', 'u', 's', '\n'};

enum class phase : std::uint64_t { open, closed, terminated };

struct pool_head {
    page_prefix prefix;
    std::uint64_t number;                 // of the pool in its program, from 1
    std::int64_t made_at;                 // steady clock, nanoseconds
    std::uint64_t in_process;             // 1: the program runs the tasks itself
    std::uint64_t initializer;            // a channel::task_id; 0: none
    std::uint64_t finalizer;              // likewise
    std::uint64_t elastic;                // 1: workers may be absent
    std::uint64_t minimum;                // processes, if it is elastic
    std::atomic<std::uint64_t> processes; // asked for
    std::atomic<std::uint64_t> phase;
    std::atomic<std::uint64_t> names; // in use
    std::atomic<std::uint64_t> rows;  // likewise
    // Without workers: the task that runs, 0: none; its worker, and since when it runs.
    std::atomic<std::uint64_t> runs;
    std::atomic<std::uint64_t> runs_as;
    std::atomic<std::int64_t> runs_since;
    alignas(channel::cache_line) pool_stats stats; // but for `queued` and `running`
};

/// The name of a task.
struct task_name {
    std::uint64_t task; // as in channel::request_header, without marks
    std::uint32_t bytes;
    std::array<char, 116> text; // cut, if it is longer
};
static_assert(sizeof(task_name) == 128);

/// More tasks have no name here.
inline constexpr std::size_t max_names = 512;

/// Of a place of the scheduler.
enum class row_state : std::uint32_t { empty, starting, ready, ending };
struct alignas(channel::cache_line) worker_row {
    std::atomic<std::uint32_t> changes; // odd: the next five are changing
    std::atomic<row_state> state;
    std::atomic<std::uint64_t> worker;   // index
    std::atomic<std::int64_t> pid;       // in the PID namespace of the program
    std::atomic<std::uint64_t> restarts; // processes before this one
    /// The descriptor of the channel in the program, and what it refers to: the number of the inode.
    std::atomic<std::uint32_t> channel;
    std::atomic<std::uint64_t> channel_number;
    std::atomic<std::uint64_t> tasks_done; // in all processes of this place
};
static_assert(sizeof(worker_row) == 64);
static_assert(sizeof(std::atomic<std::uint64_t>) == 8 && std::atomic<row_state>::is_always_lock_free);

inline constexpr std::size_t max_rows = 2 * 65536;

struct page {
    pool_head head;
    alignas(4096) std::array<task_name, max_names> names;
    alignas(4096) std::array<worker_row, max_rows> rows;
};
static_assert(std::is_standard_layout_v<page> && std::is_trivially_copyable_v<pool_stats>);

/// Differs if the layout of what procpool-top reads differs: the page, and the parts of a channel.
constexpr std::uint64_t layout_id() noexcept {
    std::uint64_t id = 1; // to be changed when a meaning changes
    for (const std::uint64_t part : {sizeof(page),
                                     offsetof(page, names),
                                     offsetof(page, rows),
                                     offsetof(pool_head, stats),
                                     sizeof(pool_stats),
                                     offsetof(pool_stats, wait),
                                     offsetof(pool_stats, busy_time),
                                     sizeof(latency_histogram),
                                     offsetof(channel::control, request_head),
                                     offsetof(channel::control, request_tail),
                                     offsetof(channel::control, frames_passed),
                                     offsetof(channel::control, running),
                                     offsetof(channel::control, running_since),
                                     offsetof(channel::control, reported),
                                     offsetof(channel::control, clock_read),
                                     offsetof(channel::control, claims),
                                     std::size_t{channel::frame_slots},
                                     std::size_t{channel::requests_offset},
                                     std::size_t{channel::request_ring_bytes},
                                     sizeof(channel::request_header)})
        id = id * 1'000'003 + part;
    return id;
}

} // namespace procpool::status

#endif
