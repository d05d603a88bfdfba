// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"
#include "bench/support/partner.hpp"
#include "bench/support/shared_pages.hpp"
#include "bench/support/timing.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <thread>
#include <vector>

#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

// Line 3: one call at a time, each after a pause of a millisecond, in which all threads and workers fall
// asleep.
namespace bench {
namespace {

/// A call and its result between two processes that sleep until they are woken: by an eventfd there, by a
/// futex back. Neither spins.
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

int add(int a, int b) {
    return a + b;
}

void silence() {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

std::vector<row> measure(const settings& chosen) {
    const auto calls = chosen.pick<std::size_t>(1'000, 50);
    woken_pair pair;
    partner other([&] { pair.answer(calls); });
    procpool::pool pool(1);

    samples ours;
    samples by_hand;
    alternate(
        chosen.rounds,
        {[&] {
             ours.push_back(median(times_of_each(
                 calls, [&] { require_equal(pool.apply(procpool::fn<add>, 1, 2), 3, "1 + 2"); }, silence)));
         },
         [&] {
             other.start();
             by_hand.push_back(median(times_of_each(
                 calls, [&] { require_equal(pair.call(1, 2), 3, "1 + 2"); }, silence)));
             other.finish();
         }});
    return {{.work = "apply after 1 ms of silence, p50",
             .other = "eventfd and futex by hand",
             .unit = unit::seconds,
             .ours = ours,
             .theirs = by_hand,
             .goal = at_most(1.3)}};
}

const registered_line here({3, "sleepers", "one call at a time, everybody asleep", measure});

} // namespace
} // namespace bench
