// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// How the io_context's thread is told what to do, without memory, and how it goes on when it has none.

#include "pool/supervisor.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <exception>
#include <thread>
#include <utility>

namespace procpool::pooling {

/// Under the lock: the order is given when the lock is released.
supervisor::orders& supervisor::order_for(std::size_t place) noexcept {
    have_orders_seen();
    return orders_[place];
}

void supervisor::have_orders_seen() noexcept {
    if (loop_ && !anything_ordered_.exchange(true, std::memory_order_acq_rel))
        boost::asio::post(loop_->io, order_slot_.keep([this] { carry_out_orders(); }));
}

/// Under the lock: something that the scheduler wants could not be done now.
void supervisor::act_later() noexcept {
    acts_later_ = true;
    have_orders_seen();
}

/// What the io_context's thread does.
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

/// There was no memory for something that a handler has to do.
void supervisor::try_again() noexcept {
    std::this_thread::sleep_for(std::chrono::milliseconds(1)); // others may give some back meanwhile
    processes_go_on_ = true;
    const lock held(mutex_);
    acts_later_ = true;
    clock_to_be_set_ = next_look_.has_value();
    have_orders_seen();
}

/// An order that throws is given again by `try_again`, together with those that follow.
void supervisor::carry_out_orders() {
    anything_ordered_.store(false, std::memory_order_release);
    if (processes_go_on_) {
        for (std::size_t place = 0; place != processes_.size(); ++place)
            if (const auto process = processes_[place]) // one that ended leaves its place
                process->go_on();
        processes_go_on_ = false;
    }
    std::size_t places = 0;
    bool ending = false;
    bool clock = false;
    bool later = false;
    {
        const lock held(mutex_);
        places = orders_.size();
        ending = workers_to_be_ended_;
        clock = clock_to_be_set_;
        later = std::exchange(acts_later_, false);
    }
    for (std::size_t place = 0; place != places; ++place)
        carry_out_orders_for(place);
    if (clock)
        set_clock();
    if (ending)
        end_workers();
    if (later) {
        delivery out;
        const lock held(mutex_);
        try {
            carry_out(out, false);
        } catch (...) {
            acts_later_ = true; // after a pause: see `run`
            leave_outcomes(out);
            throw;
        }
        leave_outcomes(out);
    }
}

void supervisor::carry_out_orders_for(std::size_t place) {
    orders what;
    {
        const lock held(mutex_);
        auto& given = orders_[place];
        what = given;
        given = {};
        given.generation = what.generation;
        given.abandon = what.abandon; // until it is done
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
        if (what.stop_item != 0 || what.give_back)
            process->send_next();
        if (what.abandon)
            process->abandon_start(options_.terminate_grace);
    }
    if (what.abandon) {
        const lock held(mutex_);
        orders_[place].abandon = false;
    }
}

} // namespace procpool::pooling
