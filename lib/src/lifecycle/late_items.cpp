// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "lifecycle/late_items.hpp"

#include <utility>

namespace procpool::pooling {

void late_items::plan_check(time now) noexcept {
    if (!std::exchange(check_planned_, true))
        look_by(now + held_back_at_most);
}

void late_items::look_by(time when) noexcept {
    if (next_look_ && *next_look_ <= when)
        return;
    next_look_ = when;
    orders_->give().set_clock = true;
}

} // namespace procpool::pooling
