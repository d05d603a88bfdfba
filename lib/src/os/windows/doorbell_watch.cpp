// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/doorbell_watch.hpp"

#include "os/windows/handles.hpp"
#include "os/windows/native_api.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/windows/object_handle.hpp>

#include <cstdint>
#include <utility>

namespace procpool::os {

struct doorbell_watch::state {
    explicit state(boost::asio::io_context& context) : event(context) {}

    boost::asio::windows::object_handle event;
    std::uint64_t cancellations = 0;
};

doorbell_watch::doorbell_watch(boost::asio::io_context& context, const doorbell& bell)
    : state_(std::make_shared<state>(context)) {
    unique_handle copy = duplicate(bell.handle(), false, "cannot watch a doorbell");
    state_->event.assign(copy.get());
    copy.release();
}

doorbell_watch::~doorbell_watch() {
    if (state_)
        cancel();
}

void doorbell_watch::async_wait(std::function<void(boost::system::error_code)> handler) {
    auto done = [watched = state_, cancellations = state_->cancellations,
                 handler = std::move(handler)](boost::system::error_code error) {
        // Asio cannot cancel a wait whose event is there already but whose handler has not run.
        if (watched->cancellations != cancellations)
            error = boost::asio::error::operation_aborted;
        if (!error) {
            LONG was_set = 0; // not, if another waiter took the ring
            ::NtResetEvent(watched->event.native_handle(), &was_set);
        }
        handler(error);
    };
    state_->event.async_wait(std::move(done));
}

void doorbell_watch::cancel() noexcept {
    ++state_->cancellations;
    boost::system::error_code ignored;
    state_->event.cancel(ignored);
}

} // namespace procpool::os
