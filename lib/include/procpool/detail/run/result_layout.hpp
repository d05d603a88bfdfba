// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RUN_RESULT_LAYOUT_HPP
#define PROCPOOL_DETAIL_RUN_RESULT_LAYOUT_HPP

#include <procpool/codec.hpp>

#include <cstddef>
#include <type_traits>

// The layout of the results of a record: small results of a fixed size are packed, others are laid out like
// arguments (argument_layout.hpp).

namespace procpool::detail {

/// Larger results are not packed, so that a record has room for several results of any packed size.
inline constexpr std::size_t most_packed_bytes = 1024;

template <class R>
constexpr bool results_are_packed() {
    if constexpr (std::is_void_v<R>)
        return true;
    else if constexpr (is_plain<R>)
        return sizeof(R) <= most_packed_bytes;
    else
        return false;
}

/// Requires: they are packed.
template <class R>
constexpr std::size_t packed_size() {
    if constexpr (std::is_void_v<R>)
        return 0;
    else
        return sizeof(R);
}

} // namespace procpool::detail

#endif
