// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CALL_RETRY_COUNTS_HPP
#define PROCPOOL_CALL_RETRY_COUNTS_HPP

#include <cstdint>
#include <map>

namespace procpool::detail {

struct retry_counts {
    std::map<std::uint32_t, unsigned> of_item;
};

} // namespace procpool::detail

#endif
