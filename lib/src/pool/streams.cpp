// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// What streams ask of the pool beyond what a call does. See result_stream.

#include "pool/supervisor.hpp"

#include <procpool/error.hpp>

namespace procpool::pooling {

void supervisor::begin_stream() {
    home().require_here();
    const lock held(mutex_);
    if (closed_)
        throw pool_closed();
    ++streams_;
}

void supervisor::submit_more(std::span<detail::job* const> jobs, bool caller_waits) {
    home().require_here();
    locked_delivery held(mutex_);
    auto& out = held.out();
    if (!jobs.empty() && terminated_)
        throw pool_terminated();
    if (!jobs.empty() && winding_up_)
        throw pool_closed("The pool was joined before the stream had pulled all of its input.");
    find_tasks(jobs);
    make_room_for(jobs); // the last step that can fail
    accept(jobs);
    act(out, caller_waits);
}

void supervisor::end_stream() noexcept {
    if (home().is_elsewhere())
        return;
    locked_delivery held(mutex_);
    auto& out = held.out();
    --streams_;
    if (closed_ && streams_ == 0)
        wind_up();
    act(out);
}

void supervisor::wind_up() {
    winding_up_ = true;
    scheduler_.close();
}

} // namespace procpool::pooling
