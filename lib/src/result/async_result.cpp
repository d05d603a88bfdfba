// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/async_result.hpp>

#include <stdexcept>
#include <utility>

namespace procpool {

void detail::throw_no_result() {
    throw std::logic_error(
        "procpool::async_result: there is no result; this handle was default constructed or moved "
        "from");
}

async_result<void>& async_result<void>::on_success(std::function<void()> callback) {
    state().when_finished([keep = state_, callback = std::move(callback)] {
        if (!keep->error())
            callback();
    });
    return *this;
}

async_result<void>& async_result<void>::on_error(std::function<void(std::exception_ptr)> callback) {
    call_on_error(std::move(callback));
    return *this;
}

} // namespace procpool
