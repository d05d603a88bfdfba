// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Work that is not wanted any more.

#include "pool/supervisor.hpp"

#include "pool/item_failures.hpp"

#include <procpool/detail/result_state.hpp>

#include <optional>
#include <vector>

namespace procpool::pooling {

bool supervisor::cancel_unbegun(const std::function<bool(const scheduling::work&)>& is_wanted,
                                delivery& drained, delivery& out) {
    if (terminated_)
        return false; // there is nothing left
    std::vector<scheduling::work> gone;
    for (std::size_t i = 0; i != links_.size(); ++i) {
        const auto back = links_[i].take_back_if_unclaimed(is_wanted);
        scheduler_.gave_back(i, back.what, back.frames);
        gone.insert(gone.end(), back.what.begin(), back.what.end());
        // It may have gone on to another item meanwhile, and cannot from now on: so that is the one it runs.
        note_progress(i, links_[i].drain(drained));
        if (links_[i].damaged())
            kill(i); // as in `drain`, which does not look at it again
    }
    // Last: what timed out just now and would be tried again waits there.
    const auto waiting = scheduler_.withdrawn(is_wanted);
    gone.insert(gone.end(), waiting.begin(), waiting.end());
    for (const auto& work : gone)
        fail(work, item_cancelled(job_of(work.call), work.first, std::nullopt), out);
    return !gone.empty();
}

bool supervisor::cancel(detail::result_base& result) {
    home().require_here();
    delivery out;
    delivery drained;
    const lock held(mutex_);
    drain(drained); // what has arrived is an outcome
    const auto is_wanted = [&](const scheduling::work& work) {
        return job_of(work.call).owner == &result;
    };
    bool found = cancel_unbegun(is_wanted, drained, out);
    for (std::size_t i = 0; i != links_.size(); ++i) {
        auto& link = links_[i];
        if (const auto running = link.cancel_current(is_wanted)) {
            found = true;
            link.limit().asked(*running, scheduling::time_limit::time::clock::now(),
                               options_.terminate_grace);
            ask_to_stop(i, channel::frame_of(*running));
        }
    }
    if (found) {
        result.set_cancelled();
        clock_matters_ = true;
    }
    act(out);
    leave_outcomes(drained);
    return found;
}

void supervisor::withdraw(const detail::result_base& owner) noexcept {
    if (home().is_elsewhere())
        return;
    delivery out;
    delivery drained;
    const lock held(mutex_);
    cancel_unbegun([&](const scheduling::work& work) { return job_of(work.call).owner == &owner; }, drained,
                   out);
    act(out);
    leave_outcomes(drained);
}

} // namespace procpool::pooling
