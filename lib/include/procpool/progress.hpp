// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_PROGRESS_HPP
#define PROCPOOL_PROGRESS_HPP

#include <cstddef>
#include <optional>

namespace procpool {

/// The progress of a map or a stream, as passed to map_options::on_progress.
struct progress {
    /// Number of items that have their outcome, a value or an error.
    std::size_t done = 0;
    /// Total number of items; nullopt while the length of the input is unknown.
    std::optional<std::size_t> total = std::nullopt;
};

} // namespace procpool

#endif
