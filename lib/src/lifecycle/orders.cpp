// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "lifecycle/orders.hpp"

namespace procpool::pooling {

void orders::grow_to(std::size_t places) {
    if (places_.size() < places)
        places_.resize(places);
}

orders::of_place& orders::give(std::size_t place) noexcept {
    announce();
    return places_[place];
}

orders::of_pool& orders::give() noexcept {
    announce();
    return pool_;
}

orders::of_place orders::take(std::size_t place) noexcept {
    auto& given = places_[place];
    const auto what = given;
    given = {};
    given.abandon = what.abandon;
    return what;
}

void orders::announce() noexcept {
    if (!announced_.exchange(true, std::memory_order_acq_rel))
        wake_();
}

} // namespace procpool::pooling
