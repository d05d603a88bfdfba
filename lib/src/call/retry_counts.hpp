// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CALL_RETRY_COUNTS_HPP
#define PROCPOOL_CALL_RETRY_COUNTS_HPP

#include <procpool/detail/call/job.hpp>

#include <cstdint>
#include <map>

namespace procpool::detail {

struct retry_counts {
    std::map<std::uint32_t, unsigned> of_item;
};

/// Uses one retry of an item, if one is left, and if there is memory to count it.
bool may_retry(job& job, std::uint32_t item) noexcept;

} // namespace procpool::detail

#endif
