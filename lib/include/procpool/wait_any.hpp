// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WAIT_ANY_HPP
#define PROCPOOL_WAIT_ANY_HPP

#include <procpool/async_result.hpp>
#include <procpool/detail/result/wait_deadline.hpp>
#include <procpool/detail/result/watched_results.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace procpool {

/// Waits until one of several results is ready, and returns its index: the lowest, if several are ready. The
/// results may belong to different pools.
///
/// Errors:        throws std::invalid_argument if there are no results, also with a time-out, and
///                std::logic_error for a handle that refers to no result.
/// Thread safety: any thread, including callbacks.
/// Complexity:    O(results).
/// Source:        boost::wait_for_any; Python, concurrent.futures.wait with FIRST_COMPLETED.
template <detail::range_of_results Results>
std::size_t wait_any(const Results& results) {
    return *detail::wait_any_until(detail::states_of(results), std::nullopt);
}

/// Like wait_any(results), but waits at most for `timeout` and then returns nullopt. With a time-out of zero
/// or less it does not wait.
template <detail::range_of_results Results, class Duration>
std::optional<std::size_t> wait_any(const Results& results, Duration timeout) {
    return detail::wait_any_until(detail::states_of(results), detail::deadline_after(timeout));
}

} // namespace procpool

#endif
