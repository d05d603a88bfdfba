// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/service_thread.hpp"

#include <utility>

namespace procpool::os {

// There are no signals that a thread could take from the program.
signal_mask own_signal_mask() noexcept {
    return {};
}
with_signal_mask::with_signal_mask(const signal_mask& during) noexcept : before_(during) {}
with_signal_mask::~with_signal_mask() = default;

std::thread make_service_thread(std::function<void()> body) {
    return std::thread(std::move(body));
}

} // namespace procpool::os
