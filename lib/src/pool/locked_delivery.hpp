// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_LOCKED_DELIVERY_HPP
#define PROCPOOL_POOL_LOCKED_DELIVERY_HPP

#include "pool/delivery.hpp"

#include <array>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace procpool::pooling {

/// A section under the pool's lock, with what is gathered in it: bells to be rung, and outcomes to be
/// delivered. The order is always the same: the lock is released, then the bells are rung, then the outcomes
/// are delivered. A bell costs a system call, and an outcome runs the user's code, which may use the pool.
/// That happens at the end of the section, or in its middle by `unlock_and_deliver`.
///
/// Thread safety: the thread that made it.
template <std::size_t Deliveries>
class basic_locked_delivery {
  public:
    explicit basic_locked_delivery(std::mutex& mutex) : held_(mutex) {}
    /// Takes over a lock that is held.
    explicit basic_locked_delivery(std::unique_lock<std::mutex> held) noexcept : held_(std::move(held)) {}
    basic_locked_delivery(const basic_locked_delivery&) = delete;
    basic_locked_delivery& operator=(const basic_locked_delivery&) = delete;
    ~basic_locked_delivery() = default;

    delivery& out() noexcept { return gathered_[0]; }
    /// Outcomes that workers published before the section began. What is left of them at the end is delivered
    /// before `out`.
    delivery& drained() noexcept requires(Deliveries == 2) { return gathered_[1]; }

    /// Releases the lock and delivers `out`. `lock` must follow, or the end of the section.
    void unlock_and_deliver() noexcept {
        held_.unlock();
        out().hand_over();
    }
    void lock() { held_.lock(); }

    /// Waits as std::condition_variable does. Nothing is delivered meanwhile: if the condition depends on it,
    /// `unlock_and_deliver` must come first.
    template <class Predicate>
    void wait(std::condition_variable& changed, Predicate predicate) {
        changed.wait(held_, std::move(predicate));
    }

  private:
    // Destroyed in reverse: the lock, then the deliveries, the last one first.
    std::array<delivery, Deliveries> gathered_{};
    std::unique_lock<std::mutex> held_;
};

using locked_delivery = basic_locked_delivery<1>;
using locked_draining = basic_locked_delivery<2>;

} // namespace procpool::pooling

#endif
