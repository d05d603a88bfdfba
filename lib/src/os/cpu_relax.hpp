// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_CPU_RELAX_HPP
#define PROCPOOL_OS_CPU_RELAX_HPP

#if defined(_MSC_VER)
#include <intrin.h>
#elif !(defined(__x86_64__) || defined(__i386__) || defined(__aarch64__) || defined(__arm__) ||              \
        defined(__riscv) || defined(__powerpc64__))
#include <atomic>
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

} // namespace procpool::os

#endif
