// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// How a pool ends.

#include "pool/supervisor.hpp"

#include "os/fault_point.hpp"

#include <procpool/error.hpp>

#include <boost/asio/post.hpp>

#include <exception>
#include <stdexcept>
#include <utility>

namespace procpool::pooling {

namespace asio = boost::asio;

void supervisor::close() {
    home().require_here();
    delivery out;
    const lock held(mutex_);
    os::fault_point(os::fault_step::closing);
    closed_ = true;
    if (streams_ == 0)
        wind_up();
    act(out);
}

void supervisor::terminate() noexcept {
    if (home().is_elsewhere())
        return;
    delivery out;
    delivery drained;
    lock held(mutex_);
    if (terminated_)
        return;
    drain(drained); // what has arrived stays
    os::fault_point(os::fault_step::terminating);
    closed_ = true;
    terminated_ = true;
    const auto why = std::make_exception_ptr(pool_terminated());
    for (const auto& work : scheduler_.terminate())
        fail(work, why, out);
    for (auto* link : links_) {
        for (const auto& work : link->abandon())
            fail(work, why, out);
        link->say_goodbye(out);
    }
    boost::asio::post(io_, [this] { end_workers(); });
    if (scheduler_.ended())
        started_or_ended_.notify_all();
    hand_over_in_order(held, drained, out);
}

void supervisor::join() {
    home().require_here();
    {
        delivery out;
        const lock held(mutex_);
        if (!closed_)
            throw std::logic_error("procpool::pool::join: call close() or terminate() first");
        wind_up(); // who would read a stream may be the one that waits here
        act(out);
    }
    {
        lock held(mutex_);
        started_or_ended_.wait(held, [&] { return scheduler_.ended(); });
        free_kept_arguments();
    }
    join_thread();
    callbacks_->finish();
}

void supervisor::join_thread() {
    const std::lock_guard one_at_a_time(join_mutex_);
    if (!thread_.joinable())
        return;
    io_.stop(); // every process has been reaped: nothing that is still pending matters
    thread_.join();
}

void supervisor::end() noexcept {
    if (home().is_elsewhere()) {
        // Threads and processes are the parent's, and so is what they wait for: nothing is destroyed here.
        intrusive_ptr_add_ref(static_cast<pool_core*>(this));
        return;
    }
    terminate();
    {
        lock held(mutex_);
        started_or_ended_.wait(held, [&] { return scheduler_.ended(); });
        free_kept_arguments();
    }
    join_thread();
    if (callbacks_->has_own_thread())
        callbacks_->finish();
}

/// Every process is gone. Under the lock.
void supervisor::free_kept_arguments() noexcept {
    for (const auto& block : std::exchange(kept_arguments_, {}))
        arguments_.free({block.offset, block.bytes});
}

} // namespace procpool::pooling
