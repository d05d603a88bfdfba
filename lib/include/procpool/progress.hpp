// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_PROGRESS_HPP
#define PROCPOOL_PROGRESS_HPP

#include <cstddef>
#include <optional>

namespace procpool {

/// How far a map or a stream is, as map_options::on_progress is told.
struct progress {
    /// Items that have their outcome, whatever it is.
    std::size_t done = 0;
    /// Items in all; none while the input has not said how many there are.
    std::optional<std::size_t> total = std::nullopt;
};

} // namespace procpool

#endif
