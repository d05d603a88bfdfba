// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_CRASH_WATCH_HPP
#define PROCPOOL_OS_CRASH_WATCH_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace procpool::os {

/// The record that a crashing process leaves in shared memory, written by a handler that can neither allocate
/// nor lock. The reader trusts none of it: see crash/crash_report.hpp.
struct crash_record {
    static constexpr std::size_t max_places = 64;
    static constexpr std::size_t max_modules = 16;
    static constexpr std::size_t max_name_bytes = 256;
    static constexpr std::size_t max_text_bytes = 2048;
    static constexpr std::uint32_t no_module = 0xffff'ffff;

    /// A place in the code. Addresses differ between processes, offsets in a module do not.
    struct place {
        std::uint64_t offset;
        std::uint32_t module; // index in `modules`, or no_module: then `offset` is an address
    };

    std::atomic<std::uint32_t> causes; // 1: `cause` and `address` are written
    std::atomic<std::uint32_t> places; // number of entries in `stack`, the innermost first
    std::atomic<std::uint32_t> texts;  // 1: `text` is written
    std::uint32_t cause;               // a signal number; an exception code on Windows
    std::uint32_t has_address;         // 1: `address` is the address of the fault
    std::uint32_t module_count;
    std::uint64_t address;
    place stack[max_places];
    char modules[max_modules][max_name_bytes]; // names of the loader; "" is the program itself
    std::uint32_t text_bytes;
    char text[max_text_bytes]; // why std::terminate() was called
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

/// From now on, a fault (or abort) of this process is written into `record`, with the address and the stack.
/// The process then ends of it as usual, with a core dump if core dumps are enabled. An existing handler, for
/// example of a sanitizer, is kept, and a handler that is set later replaces this one.
///
/// Requires: `record` lives as long as the process. Called in the thread that runs tasks, which gets an
///           alternate stack for stack overflows, or on Windows a reserve of its stack.
void watch_for_crashes(crash_record& record) noexcept;

/// Where the thread that runs tasks was when its parent asked, written by a handler like the record of a crash.
/// The reader trusts none of it.
struct stack_record {
    std::atomic<std::uint64_t> answers; // the request that the rest answers; 0: none, or it is being written
    std::atomic<std::uint32_t> places;  // as in crash_record
    std::uint32_t module_count;
    crash_record::place stack[crash_record::max_places];
    char modules[crash_record::max_modules][crash_record::max_name_bytes];
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

/// Prepares this process for `request_stack`. `answered` is called when a record is complete, perhaps in a signal
/// handler. On Linux this takes a real-time signal that has no handler, the highest but one if possible.
///
/// Requires: called after `watch_for_crashes`, in the same thread. `records` live as long as the process.
void watch_for_stack_requests(stack_record* records, std::size_t count,
                              void (*answered)(std::size_t record)) noexcept;

/// Has the stack of the thread that runs tasks written to a record; `number` is not 0. It is not written if that
/// thread blocks the signal, or has its own handler for it. On Windows it has one place, where the thread is.
///
/// Thread safety: one thread, another than the one that runs tasks.
void request_stack(std::size_t record, std::uint64_t number) noexcept;

/// The address in this process of the code at `offset` of a module; null if the module is not loaded.
const void* loaded_place(std::string_view module, std::uint64_t offset) noexcept;

} // namespace procpool::os

#endif
