// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_AS_COMPLETED_HPP
#define PROCPOOL_AS_COMPLETED_HPP

#include <procpool/async_result.hpp>
#include <procpool/detail/result/wait_deadline.hpp>
#include <procpool/detail/result/watched_results.hpp>

#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace procpool {

/// The results given to as_completed, in the order in which they become ready; each result is returned once. A
/// single-pass input range: `for (auto& result : procpool::as_completed(results))`. Each element is ready, so
/// `get` returns its value or throws its error without waiting.
///
/// Thread safety: one thread at a time.
template <class R>
class completion_stream {
  public:
    class iterator;

    completion_stream(completion_stream&&) noexcept = default;
    completion_stream& operator=(completion_stream&& other) noexcept {
        completion_stream(std::move(other)).swap(*this);
        return *this;
    }
    ~completion_stream() {
        if (log_)
            log_->leave();
    }

    /// Waits for the next result and returns it. Returns nullopt at the end, and in every later call.
    std::optional<async_result<R>> next() { return next_until(std::nullopt); }
    /// Waits at most for `timeout`, then throws wait_timeout; no result is skipped. With a time-out of zero
    /// or less it does not wait.
    template <class Duration>
    std::optional<async_result<R>> next(Duration timeout) {
        return next_until(detail::deadline_after(timeout));
    }

    /// Takes the next result, as `next` does, and returns an iterator at it. A later begin() or `next` gives
    /// the result after it, even if the iterator was not read.
    iterator begin() { return iterator(this); }
    std::default_sentinel_t end() const noexcept { return std::default_sentinel; }

    /// For as_completed only.
    explicit completion_stream(std::vector<async_result<R>> results)
        : results_(std::move(results))
        , log_(detail::completion_log::of(detail::states_of(results_))) {}

  private:
    std::optional<async_result<R>> next_until(detail::deadline until) {
        if (!log_ || log_->at_end())
            return std::nullopt;
        const auto index = log_->next(until);
        if (!index)
            detail::throw_wait_timeout();
        return results_[*index];
    }
    void swap(completion_stream& other) noexcept {
        results_.swap(other.results_);
        log_.swap(other.log_);
    }

    std::vector<async_result<R>> results_;
    std::shared_ptr<detail::completion_log> log_; // null: moved from
};

/// Iterator of a completion_stream.
///
/// Requires: the stream exists and has not been moved.
template <class R>
class completion_stream<R>::iterator {
  public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = async_result<R>;
    using difference_type = std::ptrdiff_t;

    iterator() = default;

    const value_type& operator*() const { return *current_; }
    iterator& operator++() {
        current_ = stream_->next();
        return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& at, std::default_sentinel_t) { return !at.current_; }

  private:
    friend completion_stream;
    explicit iterator(completion_stream* stream) : stream_(stream), current_(stream->next()) {}

    completion_stream* stream_ = nullptr;
    std::optional<value_type> current_;
};

/// Returns the results one by one as they become ready, starting with results that are ready already. The
/// results may belong to different pools.
///
/// Errors:     throws std::logic_error for a handle that refers to no result. Without results, the stream is
///             at its end. `next(timeout)` of the stream throws wait_timeout.
/// Complexity: O(1) for each result, after O(results) to register for all of them.
/// Source:     Python, concurrent.futures.as_completed.
template <detail::range_of_results Results>
auto as_completed(const Results& results) {
    using result = std::remove_cvref_t<std::ranges::range_reference_t<const Results>>;
    std::vector<result> handles;
    for (const auto& each : results)
        handles.push_back(each);
    return completion_stream<typename result::value_type>(std::move(handles));
}

} // namespace procpool

#endif
