// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RESULT_WATCHED_RESULTS_HPP
#define PROCPOOL_DETAIL_RESULT_WATCHED_RESULTS_HPP

#include <procpool/async_result.hpp>
#include <procpool/detail/result/completion_log.hpp>

#include <cstddef>
#include <optional>
#include <ranges>
#include <type_traits>

namespace procpool::detail {

template <class T>
inline constexpr bool is_async_result = false;
template <class R>
inline constexpr bool is_async_result<async_result<R>> = true;

/// A container or view of async_result<R>.
template <class Range>
concept range_of_results = std::ranges::input_range<const Range> &&
    is_async_result<std::remove_cvref_t<std::ranges::range_reference_t<const Range>>>;

template <class Results>
completion_log::results states_of(const Results& results) {
    completion_log::results out;
    for (const auto& each : results)
        out.push_back(async_result_access::state(each));
    return out;
}

/// The index of the first result that is ready; nullopt if the deadline came first.
///
/// Errors: throws std::invalid_argument if there are no results.
std::optional<std::size_t> wait_any_until(const completion_log::results& results, deadline until);

} // namespace procpool::detail

#endif
