// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RESULT_WATCHED_RESULTS_HPP
#define PROCPOOL_DETAIL_RESULT_WATCHED_RESULTS_HPP

#include <procpool/async_result.hpp>
#include <procpool/detail/pool_core.hpp>
#include <procpool/detail/result/result_state.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace procpool::detail {

/// Lists which of several results are ready, in the order in which they became ready. Results that were ready
/// before come first, in their own order. They may belong to different pools.
///
/// Thread safety: `next` in one thread at a time, `note` in any thread.
class completion_log : public std::enable_shared_from_this<completion_log> {
  public:
    using results = std::vector<boost::intrusive_ptr<result_base>>;

    /// Begins to watch the results.
    ///
    /// Errors: throws std::bad_alloc; std::logic_error in a copy that fork() made, unless all results are
    ///         ready.
    static std::shared_ptr<completion_log> of(results watched);
    /// For `of` only.
    explicit completion_log(results watched);

    /// The index of the next result; nullopt at the end, or if the deadline came first.
    ///
    /// Errors: throws std::logic_error in a copy that fork() made.
    std::optional<std::size_t> next(deadline until);
    /// Whether all results have been returned.
    bool at_end() const noexcept { return told_count_ == results_.size(); }

    /// Called by a result that may be ready now.
    void note(std::size_t index) noexcept;

    /// Stops watching.
    void leave() noexcept;

  private:
    /// A thread waits for this until any result is noted.
    class turn;

    std::optional<std::size_t> take_noted();
    deadline make_overdue_ready();

    const home_process home_;
    results results_;
    std::vector<bool> told_;
    std::size_t told_count_ = 0;
    std::mutex mutex_;
    std::vector<std::size_t> noted_;  // with capacity for all results
    std::size_t taken_ = 0;           // number of these that were returned
    bool callbacks_are_due_ = false;  // of a noted result
    boost::intrusive_ptr<turn> turn_; // null: no thread waits
};

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
