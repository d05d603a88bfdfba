// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LAUNCH_PLAN_HPP
#define PROCPOOL_OS_LAUNCH_PLAN_HPP

#include <span>
#include <string>
#include <utility>
#include <vector>

// Settings of a new worker that are computed before anything is started. POSIX only.
namespace procpool::os {

/// "Make descriptor `to` refer to what `from` refers to"; if both are equal, "let it be inherited".
struct descriptor_move {
    int from = 0;
    int to = 0;

    bool operator==(const descriptor_move&) const = default;
};

/// Moves, to be made in order, after which `first + i` refers to what `sources[i]` referred to. No source is
/// overwritten before its last use, for any numbers of the sources. A spare descriptor above the targets may
/// be left over; the caller closes everything from `first + sources.size()` on.
///
/// Complexity: quadratic in the number of sources, which is small.
std::vector<descriptor_move> plan_moves(std::span<const int> sources, int first);

/// `NAME=value` lines: those of `base` whose name is not in `added`, then `added`.
///
/// Errors: throws `std::invalid_argument` for a name that is empty or has an `=`, and for a NUL anywhere.
std::vector<std::string> merge_environment(std::span<const std::string> base,
                                           std::span<const std::pair<std::string, std::string>> added);

} // namespace procpool::os

#endif
