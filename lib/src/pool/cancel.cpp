// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Work that is not wanted any more.

#include "pool/supervisor.hpp"

#include "pool/item_failures.hpp"

#include <procpool/detail/result/result_state.hpp>

#include <new>
#include <optional>
#include <vector>

namespace procpool::pooling {

/// Errors: throws std::bad_alloc; then what is gone has failed, and the rest goes on.
bool supervisor::cancel_unbegun(const std::function<bool(const scheduling::work&)>& is_wanted,
                                delivery& drained, delivery& out) {
    if (terminated_)
        return false; // there is nothing left
    bool found = false;
    const auto have_failed = [&](const std::vector<scheduling::work>& gone) {
        for (const auto& work : gone)
            fail(work, item_cancelled(job_of(work.call), work.first, std::nullopt), out);
        found = found || !gone.empty();
    };
    for (std::size_t i = 0; i != links_.size(); ++i) {
        out.make_room_for_failures(links_[i].frames());
        const auto back = links_[i].take_back_if_unclaimed(is_wanted);
        scheduler_.gave_back(i, back.what, back.frames);
        have_failed(back.what);
        // It may have gone on to another item meanwhile, and cannot from now on: so that is the one it runs.
        drain(i, drained);
    }
    // Last: what timed out just now and would be tried again waits there.
    out.make_room_for_failures(scheduler_.backlog());
    have_failed(scheduler_.withdrawn(is_wanted));
    return found;
}

bool supervisor::cancel(detail::result_base& result) {
    home().require_here();
    locked_draining held(mutex_);
    auto& out = held.out();
    auto& drained = held.drained();
    drain(drained); // what has arrived is an outcome
    const auto is_wanted = [&](const scheduling::work& work) {
        return job_of(work.call).owner == &result;
    };
    bool found = false;
    try {
        found = cancel_unbegun(is_wanted, drained, out);
    } catch (const std::bad_alloc&) {
        act(out);
        leave_outcomes(drained);
        throw;
    }
    for (std::size_t i = 0; i != links_.size(); ++i) {
        auto& link = links_[i];
        if (const auto running = link.cancel_current(is_wanted)) {
            found = true;
            link.limit().asked(*running, scheduling::time_limit::time::clock::now(),
                               options_.terminate_grace);
            orders_.give(i).stop_item = channel::frame_of(*running);
        }
    }
    if (found) {
        result.set_cancelled();
        late_items_.begin_watching();
    }
    act(out);
    leave_outcomes(drained);
    return found;
}

void supervisor::withdraw(const detail::result_base& owner) noexcept {
    if (home().is_elsewhere())
        return;
    locked_draining held(mutex_);
    auto& out = held.out();
    auto& drained = held.drained();
    try {
        cancel_unbegun([&](const scheduling::work& work) { return job_of(work.call).owner == &owner; },
                       drained, out);
    } catch (const std::bad_alloc&) { // then the rest runs in vain
    }
    act(out);
    leave_outcomes(drained);
}

} // namespace procpool::pooling
