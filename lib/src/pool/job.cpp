// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/job.hpp>

#include <stdexcept>

namespace procpool::detail {

void job::limit(const std::optional<std::chrono::nanoseconds>& item_timeout, unsigned item_retries) {
    if (item_timeout && item_timeout->count() <= 0)
        throw std::invalid_argument("procpool: a timeout is not positive; no task runs in no time");
    timeout = item_timeout.value_or(std::chrono::nanoseconds::zero());
    retries = item_retries;
}

} // namespace procpool::detail
