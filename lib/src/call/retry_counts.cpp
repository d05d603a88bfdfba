// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call/retry_counts.hpp"

#include <procpool/detail/call/job.hpp>

#include <new>

namespace procpool::detail {

bool may_retry(job& job, std::uint32_t item) noexcept try {
    if (job.retries == 0)
        return false;
    if (!job.retried)
        job.retried.reset(new retry_counts());
    return ++job.retried->of_item[item] <= job.retries;
} catch (const std::bad_alloc&) {
    return false;
}

} // namespace procpool::detail
