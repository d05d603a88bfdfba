// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/result/watched_results.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace procpool::detail {

class completion_log::turn final : public result_base {
  public:
    explicit turn(pool_core& core) noexcept : result_base(core) {}
    /// Requires: called once; the caller holds a reference.
    void end() noexcept { finish(); }
};

completion_log::completion_log(results watched) : results_(std::move(watched)), told_(results_.size()) {
    noted_.reserve(2 * results_.size()); // a result may be noted before its callbacks run, and after
}

std::shared_ptr<completion_log> completion_log::of(results watched) {
    auto log = std::make_shared<completion_log>(std::move(watched));
    try {
        for (std::size_t i = 0; i != log->results_.size(); ++i) {
            if (!log->results_[i]->watch({log, i}))
                log->note(i);
            else if (log->results_[i]->has_outcome()) // noted again only when its callbacks have run
                log->callbacks_are_due_ = true;
        }
    } catch (...) {
        log->leave();
        throw;
    }
    return log;
}

std::optional<std::size_t> completion_log::next(deadline until) {
    home_.require_here();
    while (!at_end()) {
        if (const auto index = take_noted()) {
            // Noted for the second time, or noted before its callbacks have run, so that it is not ready yet.
            if (told_[*index] || !results_[*index]->ready()) {
                callbacks_are_due_ = true;
                continue;
            }
            told_[*index] = true;
            ++told_count_;
            return index;
        }
        const auto look_again = callbacks_are_due_ ? make_overdue_ready() : std::nullopt;
        const boost::intrusive_ptr<turn> mine(new turn(results_.front()->core()));
        {
            const std::lock_guard lock(mutex_);
            if (taken_ != noted_.size())
                continue;
            turn_ = mine;
        }
        const bool looks_first = look_again && (!until || *look_again < *until);
        if (!mine->wait(looks_first ? look_again : until) && !mine->ready() && !looks_first)
            return std::nullopt;
    }
    return std::nullopt;
}

/// Makes results ready whose callbacks an executor has not started in time. Returns when to check again.
deadline completion_log::make_overdue_ready() {
    deadline next;
    for (std::size_t i = 0; i != results_.size(); ++i) {
        auto& each = *results_[i];
        if (told_[i] || !each.has_outcome() || each.ready())
            continue;
        auto& core = each.core();
        if (const auto awaited = core.callbacks_awaited_until()) {
            if (!core.wait_for_callback(each, std::chrono::steady_clock::now()))
                next = std::min(next.value_or(*awaited), *awaited);
        }
    }
    return next;
}

std::optional<std::size_t> completion_log::take_noted() {
    const std::lock_guard lock(mutex_);
    if (taken_ == noted_.size())
        return std::nullopt;
    return noted_[taken_++];
}

void completion_log::note(std::size_t index) noexcept {
    boost::intrusive_ptr<turn> waiting;
    {
        const std::lock_guard lock(mutex_);
        noted_.push_back(index);
        waiting = std::exchange(turn_, nullptr);
    }
    if (waiting)
        waiting->end();
}

void completion_log::leave() noexcept {
    for (const auto& each : results_)
        each->unwatch(*this);
}

std::optional<std::size_t> wait_any_until(const completion_log::results& results, deadline until) {
    if (results.empty())
        throw std::invalid_argument("procpool::wait_any: there are no results to wait for");
    for (std::size_t i = 0; i != results.size(); ++i)
        if (results[i]->ready())
            return i;
    const auto log = completion_log::of(results);
    const struct leaving {
        completion_log& log;
        ~leaving() { log.leave(); }
    } whatever_happens{*log};
    return log->next(until);
}

} // namespace procpool::detail
