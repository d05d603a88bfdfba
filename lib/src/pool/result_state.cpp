// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/result_state.hpp>

#include "os/park.hpp"

namespace procpool::detail {

void result_base::park(deadline until) noexcept {
    const auto before = status_.fetch_or(parked, std::memory_order_acq_rel);
    if ((before & is_ready) == 0)
        os::park(status_, before | parked, until);
}

bool result_base::collector_sleeps() noexcept {
    return (status_.fetch_or(collector_sleeping, std::memory_order_acq_rel) & is_ready) == 0;
}

void result_base::collector_woke() noexcept {
    status_.fetch_and(~collector_sleeping, std::memory_order_acq_rel);
}

void result_base::wake_waiters() noexcept {
    // The caller's reference keeps the state, and the state keeps the core.
    os::unpark_all(status_);
    core_->wake_collector();
}

} // namespace procpool::detail
