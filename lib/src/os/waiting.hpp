// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WAITING_HPP
#define PROCPOOL_OS_WAITING_HPP

#include "os/handles.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <thread>

#if defined(_MSC_VER)
#include <intrin.h>
#endif

// The body of a spin loop.
namespace procpool::os {

/// Tells the CPU that this thread spins: saves power, and time for the other thread of the core. Takes some
/// tens of nanoseconds.
inline void cpu_relax() noexcept {
#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
    _mm_pause();
#elif defined(_MSC_VER)
    __yield();
#elif defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("isb" ::
                             : "memory"); // takes about as long as pause of x86; yield is no more than a nop
#elif defined(__arm__)
    __asm__ __volatile__("yield" ::: "memory");
#elif defined(__riscv)
    __asm__ __volatile__(".insn i 0x0F, 0, x0, x0, 0x010" ::
                             : "memory"); // pause, which old assemblers do not know
#elif defined(__powerpc64__)
    __asm__ __volatile__("or 27,27,27" ::: "memory");
#else
    std::atomic_signal_fence(std::memory_order_seq_cst);
#endif
}

/// Enables `process_fence`; call it before the first one. It costs nothing while the process has one thread;
/// otherwise Linux waits for all CPUs, some milliseconds. False: not possible.
bool prepare_process_fence() noexcept;

/// Asymmetric fence (membarrier): a full fence in every other thread of this process. Thread A: store x;
/// process_fence(); load y. Thread B: store y; std::atomic_signal_fence; load x. At least one of them sees
/// the other's store. False: there was no fence, because the system now forbids it (a task may have installed
/// a filter of system calls) or has no memory for it.
///
/// Requires: `prepare_process_fence` has returned true.
[[nodiscard]] bool process_fence() noexcept;

// Threads of one process that sleep on a word of memory.

/// Sleeps while `word` is `expected`, until an unpark of the word or the deadline.
///
/// It may also return without a reason: call it in a loop that checks the word. If a thread changes the word
/// and then unparks, the wake-up is never lost.
void park(std::atomic<std::uint32_t>& word, std::uint32_t expected,
          std::optional<std::chrono::steady_clock::time_point> deadline) noexcept;

/// Wakes one, or all, of the threads that sleep on `word`. The word is not read: it may no longer exist.
void unpark_one(std::atomic<std::uint32_t>& word) noexcept;
void unpark_all(std::atomic<std::uint32_t>& word) noexcept;

// Wakes a sleeping process from another process.

/// How the owner of a doorbell sleeps on it.
///
/// `blocking`: in `wait`, which is then one system call per wake-up (a bare blocking read; polling first
/// would make it two). Only one thread at a time may wait on or clear such a doorbell: a second one could
/// block past its deadline. `polled`: in Asio or in several threads; `wait` polls, and does not block if
/// another thread took the ring.
///
/// Ringing never blocks with either. A write to a blocking eventfd would block at a count of 2^64 - 2, but
/// each ring adds 1 and a wait resets the count: at a thousand million unheard rings a second, this takes 584
/// years.
enum class doorbell_kind { blocking, polled };

/// An event that resets itself: any number of rings wake one wait, and a ring that comes before the wait is
/// not lost.
///
/// Data that the ringing thread wrote before `ring` is visible to the thread that the ring woke.
class doorbell {
  public:
    /// Errors: throws `boost::system::system_error`.
    static doorbell create(doorbell_kind kind = doorbell_kind::blocking);

    /// Takes over an inherited handle, of the kind with which it was created. Before each use, its identity
    /// is compared: a task may have closed it. The process that made the doorbell does not compare, since
    /// there each ring is time-critical.
    ///
    /// Errors: throws `boost::system::system_error` if the handle is not open.
    static doorbell adopt(unique_handle handle);

    /// False: the handle no longer refers to the doorbell, or fails, and nothing was written.
    ///
    /// Thread safety: any thread, and signal handlers. Preserves errno.
    bool ring() const noexcept;

    /// Sleeps until the doorbell is rung, and clears it. False: likewise, and it will never be rung.
    [[nodiscard]] bool wait() const noexcept;

    /// Sleeps until the doorbell is rung (true, and clears it) or the deadline (false). With a deadline in
    /// the past, it checks once. A doorbell that fails is treated as one that rings.
    bool wait_until(std::optional<std::chrono::steady_clock::time_point> deadline) const noexcept;

    /// Drops pending rings.
    void clear() const noexcept;

    native_handle handle() const noexcept { return handle_.get(); }

  private:
    doorbell(unique_handle handle, doorbell_kind kind) noexcept;

    enum class state { rung, silent, broken };
    state take() const noexcept;
    bool poll_until(std::optional<std::chrono::steady_clock::time_point> deadline) const noexcept;

    unique_handle handle_;
    std::optional<handle_target> target_; // set if inherited: tasks run in its process
    doorbell_kind kind_;
};

/// The signals that a thread blocks, in the system's form; empty on Windows.
struct signal_mask {
    std::array<std::uint64_t, 16> bits{};
};

/// The mask of the calling thread.
signal_mask own_signal_mask() noexcept;

/// Gives the calling thread another mask until the end of the scope: for the user's code in a thread of the
/// library, since programs and threads that it starts inherit the mask.
class with_signal_mask {
  public:
    explicit with_signal_mask(const signal_mask& during) noexcept;
    with_signal_mask(const with_signal_mask&) = delete;
    with_signal_mask& operator=(const with_signal_mask&) = delete;
    ~with_signal_mask();

  private:
    signal_mask before_;
};

/// A thread of the library in the user's program: it takes no signals, which are meant for the program.
///
/// Errors: throws std::system_error if no more threads can be started.
std::thread make_service_thread(std::function<void()> body);

/// Likewise, for a thread that lives as long as the process.
inline void start_service_thread(std::function<void()> body) {
    make_service_thread(std::move(body)).detach();
}

} // namespace procpool::os

#endif
