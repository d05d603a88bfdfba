// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// The io_context's thread: carries out orders, watches the clock, and repeats operations that failed for lack
// of memory.

#include "pool/supervisor.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <exception>
#include <thread>

namespace procpool::pooling {

/// Under the lock.
void supervisor::wake_event_loop() noexcept {
    if (loop_)
        boost::asio::post(loop_->io, order_slot_.keep([this] { carry_out_orders(); }));
}

/// The body of the io_context's thread.
void supervisor::run() noexcept {
    auto& io = loop_->io;
    while (!io.stopped()) {
        try {
            io.run();
        } catch (const std::exception&) {
            try_again();
        }
    }
}

/// Called when a handler had no memory: waits a moment, then has the failed operations repeated.
void supervisor::try_again() noexcept {
    std::this_thread::sleep_for(std::chrono::milliseconds(1)); // memory may be freed meanwhile
    processes_go_on_ = true;
    const lock held(mutex_);
    auto& order = orders_.give();
    order.carry_out_later = true;
    order.set_clock = late_items_.next_look().has_value();
}

/// If an order throws, it and the following orders are still pending, and `try_again` has them repeated.
void supervisor::carry_out_orders() {
    orders_.seen();
    if (processes_go_on_) {
        for (std::size_t place = 0; place != processes_.size(); ++place)
            if (const auto process = processes_[place]) // null: the process has ended
                process->go_on();
        limit_settings();
        processes_go_on_ = false;
    }
    std::size_t places = 0;
    orders::of_pool what;
    {
        const lock held(mutex_);
        places = orders_.places();
        what = orders_.given();
        orders_.given().carry_out_later = false;
        orders_.given().read_output = false; // what fails below is repeated by `try_again`
    }
    for (std::size_t place = 0; place != places; ++place)
        carry_out_orders_for(place);
    if (what.set_clock)
        set_clock();
    if (what.read_output)
        read_output();
    if (what.end_workers)
        end_workers();
    if (what.carry_out_later) {
        locked_delivery held(mutex_);
        auto& out = held.out();
        try {
            carry_out(out, false);
        } catch (...) {
            orders_.given().carry_out_later = true; // after a pause: see `try_again`
            leave_outcomes(out);
            throw;
        }
        leave_outcomes(out);
    }
}

void supervisor::carry_out_orders_for(std::size_t place) {
    orders::of_place what;
    {
        const lock held(mutex_);
        what = orders_.take(place);
    }
    if (what.start)
        start_worker(place);
    if (what.initialized)
        worker_initialized(place, what.initializer_error);
    const auto process = place < processes_.size() ? processes_[place] : nullptr;
    if (process) {
        if (what.expect_end)
            process->expect_end();
        if (what.kill)
            process->kill();
        if (what.stop_item != 0)
            process->note({serving::parent_request::kind::stop, 0, what.stop_item});
        if (what.give_back)
            process->note({serving::parent_request::kind::give_back, 0, what.give_back_frame});
        if (what.ask_stack != 0)
            process->note({serving::parent_request::kind::stack, 0, what.ask_stack});
        if (what.stop_item != 0 || what.give_back || what.ask_stack != 0)
            process->send_next();
        if (what.abandon)
            process->abandon_start(options_.terminate_grace);
    }
    if (what.abandon) {
        const lock held(mutex_);
        if (!process)
            forget_settings(place);
        orders_.given(place).abandon = false;
    }
}

void supervisor::read_output() {
    for (std::size_t place = 0; place != processes_.size(); ++place)
        if (const auto process = processes_[place])
            process->read_output();
}

void supervisor::set_clock() {
    const lock held(mutex_);
    if (const auto& when = late_items_.next_look()) {
        loop_->clock.expires_at(*when); // cancels an earlier wait
        loop_->clock.async_wait([this](boost::system::error_code error) {
            if (!error)
                look_at_clock();
        });
    }
    orders_.given().set_clock = false;
}

void supervisor::look_at_clock() {
    locked_delivery held(mutex_);
    auto& out = held.out();
    late_items_.expired();
    if (terminated_)
        return;
    if (late_items_.check_planned() && collector_.asleep())
        scheduler_.quiet();
    late_items_.forget_check();
    try {
        drain(out); // an item that has ended is not late
    } catch (...) {
        leave_outcomes(out);
        throw;
    }
    leave_outcomes(out);
}

} // namespace procpool::pooling
