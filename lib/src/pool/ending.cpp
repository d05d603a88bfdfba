// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// How a pool ends.

#include "pool/supervisor.hpp"

#include "os/fault_point.hpp"
#include "os/service_thread.hpp"

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
    const lock held(mutex_);
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
    leave_outcomes(drained);
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
        // Outcomes that are being handed over have callbacks; in the user's code they may wait for this
        // thread.
        if (!in_callback() && !delivery::any_suspended())
            started_or_ended_.wait(held, [&] { return handing_over_ == 0 && !left_for_collector_; });
    }
    join_threads();
    callbacks_->finish();
}

void supervisor::start_threads() {
    own_collector_ = os::make_service_thread([this] { collect_when_rung(); });
    try {
        thread_ = os::make_service_thread([this] { io_.run(); });
    } catch (...) {
        dismiss_own_collector();
        own_collector_.join();
        throw;
    }
}

void supervisor::join_threads() {
    std::unique_lock one_at_a_time(join_mutex_, std::defer_lock);
    if (!delivery::any_suspended())
        one_at_a_time.lock();
    else if (!one_at_a_time.try_lock())
        return; // the thread that joins may be waiting for this one
    if (!thread_.joinable())
        return;
    io_.stop(); // every process has been reaped: nothing that is still pending matters
    thread_.join();
    end_own_collector();
}

void supervisor::dismiss_own_collector() noexcept {
    own_collector_ends_.store(true, std::memory_order_release);
    pool_bell_.ring();
}

/// Every outcome that there will be is in the outbox, or was handed over.
void supervisor::end_own_collector() {
    // A codec, or a callback that a codec waits for, may be what ends the pool: then the thread ends when it
    // can.
    const bool is_waited_for = in_callback() || delivery::any_suspended();
    if (is_waited_for) {
        intrusive_ptr_add_ref(static_cast<pool_core*>(this));
        own_collector_keeps_pool_ = true;
    }
    dismiss_own_collector();
    if (is_waited_for)
        own_collector_.detach();
    else
        own_collector_.join();
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
    join_threads();
    if (callbacks_->has_own_thread())
        callbacks_->finish();
}

/// Every process is gone. Under the lock.
void supervisor::free_kept_arguments() noexcept {
    for (const auto& block : std::exchange(kept_arguments_, {}))
        arguments_.free({block.offset, block.bytes});
}

} // namespace procpool::pooling
