// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/result_state.hpp>

#include "os/cpu_relax.hpp"
#include "os/park.hpp"
#include "pool/unhandled.hpp"

#include <memory>
#include <utility>

namespace procpool::detail {

void result_base::park(deadline until) noexcept {
    const auto before = status_.fetch_or(parked, std::memory_order_acq_rel);
    if (!is_ready_to_see(before))
        os::park(status_, before | parked, until);
}

bool result_base::collector_sleeps() noexcept {
    return !is_ready_to_see(status_.fetch_or(collector_sleeping, std::memory_order_acq_rel));
}

void result_base::collector_woke() noexcept {
    status_.fetch_and(~collector_sleeping, std::memory_order_acq_rel);
}

void result_base::finish_for_somebody() noexcept {
    for (auto seen = status_.load(std::memory_order_acquire);;) {
        if ((seen & adding_callback) != 0) {
            os::cpu_relax();
            seen = status_.load(std::memory_order_acquire);
        } else if ((seen & has_callbacks) == 0) {
            publish();
            return;
        } else if (status_.compare_exchange_weak(seen, (seen & ~has_callbacks) | calling_back,
                                                 std::memory_order_acq_rel)) {
            wake(seen); // a callback may be waiting, for which this is enough
            run_callbacks();
            return;
        }
    }
}

/// Runs every callback on the executor, and publishes the outcome there.
void result_base::run_callbacks() noexcept {
    const boost::intrusive_ptr<result_base> self(this);
    try {
        for (auto& callback : callbacks_)
            core_->run_callback(std::move(callback));
        callbacks_ = {};
        // When it has run, or was dropped with the executor's context: nobody waits for ever.
        std::shared_ptr<void> last(nullptr, [self](void*) { self->publish(); });
        core_->run_callback([last = std::move(last)] {});
    } catch (...) {
        pooling::report_unhandled(std::current_exception()); // no memory
        publish();
    }
}

void result_base::publish() noexcept {
    wake(status_.exchange(is_ready, std::memory_order_acq_rel));
}

void result_base::wake(std::uint32_t status_before) noexcept {
    if ((status_before & (parked | collector_sleeping)) == 0)
        return;
    // The caller's reference keeps the state, and the state keeps the core.
    os::unpark_all(status_);
    core_->wake_collector();
}

void result_base::when_finished(std::function<void()> callback) {
    for (auto seen = status_.load(std::memory_order_acquire);;) {
        if ((seen & (is_ready | calling_back)) != 0) {
            core_->run_callback(std::move(callback));
            return;
        }
        if ((seen & adding_callback) != 0) {
            os::cpu_relax();
            seen = status_.load(std::memory_order_acquire);
        } else if (status_.compare_exchange_weak(seen, seen | adding_callback | has_callbacks,
                                                 std::memory_order_acq_rel)) {
            try {
                callbacks_.push_back(std::move(callback));
            } catch (...) {
                status_.fetch_and(~adding_callback, std::memory_order_acq_rel);
                throw;
            }
            status_.fetch_and(~adding_callback, std::memory_order_acq_rel);
            return;
        }
    }
}

} // namespace procpool::detail
