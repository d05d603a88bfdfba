// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_FAULT_POINT_HPP
#define PROCPOOL_OS_FAULT_POINT_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>

// Fault injection: in a build with PROCPOOL_FAULTS, a test can kill or stop a process when a worker or the
// parent passes one of these steps. Any other build generates no code.

namespace procpool::os {

/// Steps of the protocol, in their order. Steps within a task or a codec, which the library cannot see, are
/// passed by the tasks and codecs of the tests.
enum class fault_step : std::uint32_t {
    // A worker:
    worker_started,
    hello_due, // the worker is connected, and has not sent its hello
    hello_said,
    initializing, // by the tests: in the middle of the initializer
    claiming,     // claims the next item, if there is one
    claimed,
    decoding_argument,   // by the tests
    running,             // by the tests: in the middle of the task
    encoding_result,     // by the tests
    result_block_taken,  // a block of the arena, which may have no pages yet
    result_block_filled, // a result was copied into its block, and is still in its old place
    result_complete,     // a result, which may share its record with others
    publishing,          // a record of complete results
    publishing_alone,    // a record of a result that counts only once it is published
    published,           // the parent was not woken yet
    parent_woken,
    frame_done,    // the frame is still in the ring
    finalizing,    // by the tests: in the middle of the finalizer
    goodbye_heard, // no work is left
    worker_ending, // in an orderly way
    // The parent:
    spawning, // all handles that the worker inherits are open
    spawned,
    greeting,             // a worker that sent its hello
    encoding_argument,    // by the tests
    argument_block_taken, // as for results
    giving,               // before a frame is written
    given,                // the worker was not woken yet
    taking_back,          // from one frame
    collecting,           // a record was read, and is still in the ring
    collected,            // nothing is left in the ring
    decoding_result,      // by the tests
    reaped,               // a worker that was reaped
    resizing,
    dismissing, // a worker that should exit
    closing,
    terminating,    // nothing is abandoned yet
    ending_workers, // the workers have been asked to exit
    count
};

#if defined(PROCPOOL_FAULTS)
inline constexpr bool faults_are_injected = true;

/// Carries out the planned fault, in this process or another one, if it is planned for this passage of the
/// step.
void fault_point(fault_step step) noexcept;
#else
inline constexpr bool faults_are_injected = false;

// Evaluated by the compiler, so that no call is generated even without optimisation.
consteval void fault_point(fault_step) noexcept {}
#endif

/// The environment variable of the parent, and so of its workers, with the name of the file that contains the
/// plan.
inline constexpr const char* fault_plan_variable = "PROCPOOL_FAULT_PLAN";

/// A fault and the step at which it happens, once: the whole content of a file that all processes of a pool
/// map. So passages are counted over all processes, and the replacement of a victim is spared.
struct fault_plan {
    enum class action : std::uint32_t { none, kill, stop, exit };
    static constexpr int exit_status = 3;

    // Written before any process starts.
    fault_step step{};
    action what{};
    std::uint32_t passage = 1; // from 1: the first passage at which it may happen
    bool to_another = false;   // affects `other`, when it is set, not the passing process

    std::atomic<std::int32_t> other{0};
    std::atomic<std::int32_t> victim{0}; // 0: it has not happened yet
    std::atomic<std::uint32_t> passages[static_cast<std::size_t>(fault_step::count)]{};
};

} // namespace procpool::os

#endif
