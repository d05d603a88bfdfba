// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_WOKEN_PAIR_HPP
#define PROCPOOL_BENCH_WOKEN_PAIR_HPP

#include "bench/support/shared_pages.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <system_error>

#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bench {

/// A call and its result between two processes that sleep until they are woken: by an eventfd there, by a
/// futex back. Nobody spins.
class woken_pair {
  public:
    woken_pair() {
        if (bell_ == -1)
            throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    ~woken_pair() { ::close(bell_); }
    woken_pair(const woken_pair&) = delete;
    woken_pair& operator=(const woken_pair&) = delete;

    int call(int a, int b) {
        shared_->a = a;
        shared_->b = b;
        ring();
        while (shared_->answered.load(std::memory_order_acquire) == 0)
            futex(FUTEX_WAIT, 0);
        shared_->answered.store(0, std::memory_order_relaxed);
        return shared_->sum;
    }

    /// The other process's part.
    void answer(std::size_t count) {
        for (std::size_t done = 0; done != count; ++done) {
            await_ring();
            shared_->sum = shared_->a + shared_->b;
            shared_->answered.store(1, std::memory_order_release);
            futex(FUTEX_WAKE, 1);
        }
    }

  private:
    struct memory {
        int a = 0;
        int b = 0;
        int sum = 0;
        std::atomic<std::uint32_t> answered{0};
    };

    void ring() {
        const std::uint64_t one = 1;
        while (::write(bell_, &one, sizeof one) == -1 && errno == EINTR) {
        }
    }
    void await_ring() {
        std::uint64_t rings = 0;
        while (::read(bell_, &rings, sizeof rings) == -1 && errno == EINTR) {
        }
    }
    void futex(int what, int value) {
        ::syscall(SYS_futex, &shared_->answered, what, value, nullptr, nullptr, 0);
    }

    shared_pages<memory> shared_;
    int bell_ = ::eventfd(0, EFD_CLOEXEC);
};

} // namespace bench

#endif
