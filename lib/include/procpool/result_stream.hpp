// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_RESULT_STREAM_HPP
#define PROCPOOL_RESULT_STREAM_HPP

#include <procpool/detail/stream_reader.hpp>
#include <procpool/detail/wait_deadline.hpp>

#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace procpool {

namespace detail {
struct result_stream_access;
}

/// The results of pool::imap or pool::imap_unordered, read one by one while the tasks run. It may outlive the
/// pool.
///
/// It is an input range, to be read once: `for (auto& result : pool.imap(task, items))`, with any view. An
/// element may be moved from. `next` and iterators share one place in the stream: what `next` or `*it` has
/// given is not given again. Where the task returns nothing, `next()` is a bool that says whether another
/// item is done, and the elements are of std::monostate.
///
/// Reading pulls the input on, in the reading thread, and waits for the result. When pool::close() was
/// called, a stream that exists goes on to its end; when pool::join() is called, its input ends there with
/// pool_closed, since the thread that joins may be the one that would read. Dropping a stream takes back what
/// has not started, and waits for nothing.
///
/// Errors:        reading an item that failed throws what it failed with, and the next read gives the item
///                after it. What the input throws, pool_closed or pool_terminated comes after the items that
///                had been pulled, and then the end.
/// Thread safety: one thread at a time reads, and it may be another one each time.
/// Source:        Python, multiprocessing.pool.IMapIterator.
template <class R>
class result_stream {
    static constexpr bool has_value = !std::is_void_v<R>;
    using reader = detail::stream_reader<R>;

  public:
    class iterator;
    /// What `next` gives: std::optional<R>, nothing at the end; false at the end if R is void.
    using next_result = std::conditional_t<has_value, std::optional<R>, bool>;

    result_stream(result_stream&&) noexcept = default;
    result_stream& operator=(result_stream&&) noexcept = default;
    ~result_stream() = default;

    /// Waits for the next result; nothing at the end, and from then on.
    next_result next() { return next_until(std::nullopt); }

    /// Waits at most for `timeout`, then throws wait_timeout; nothing is lost. Zero or less only looks.
    template <class Duration>
    next_result next(Duration timeout) {
        return next_until(detail::deadline_after(timeout));
    }

    /// The place of the next result. Going on, comparing with the end and reading wait for it.
    iterator begin() {
        if (reader_)
            reader_->leave_if_read();
        return iterator(reader_.get());
    }
    std::default_sentinel_t end() const noexcept { return std::default_sentinel; }

  private:
    friend detail::result_stream_access;
    explicit result_stream(std::unique_ptr<reader> behind) noexcept : reader_(std::move(behind)) {}

    next_result next_until(detail::deadline until) {
        if (reader_)
            reader_->leave_if_read();
        if (!reader_ || !reader_->at_item(until))
            return next_result();
        if constexpr (has_value) {
            return reader_->take();
        } else {
            reader_->take();
            return true;
        }
    }

    std::unique_ptr<reader> reader_; // null: moved from
};

/// Requires: the stream exists and has not been moved.
template <class R>
class result_stream<R>::iterator {
  public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = typename reader::value_type;
    using difference_type = std::ptrdiff_t;

    iterator() = default;

    /// Errors: throws what the item failed with.
    value_type& operator*() const {
        reader_->at_item(std::nullopt);
        return reader_->look();
    }
    iterator& operator++() {
        if (reader_->at_item(std::nullopt))
            reader_->leave();
        return *this;
    }
    void operator++(int) { ++*this; }

    friend bool operator==(const iterator& at, std::default_sentinel_t) {
        return at.reader_ == nullptr || !at.reader_->at_item(std::nullopt);
    }

  private:
    friend result_stream;
    explicit iterator(reader* behind) noexcept : reader_(behind) {}

    reader* reader_ = nullptr;
};

namespace detail {

struct result_stream_access {
    template <class R>
    static result_stream<R> make(std::unique_ptr<stream_reader<R>> behind) {
        return result_stream<R>(std::move(behind));
    }
};

/// Errors: throws std::invalid_argument, pool_closed.
template <class Task, class Range>
auto start_stream(pool_core& core, stream_arrivals::order in, Task function, Range&& range,
                  const map_options& options) {
    using input = stream_input_of<whole_item, Task, Range>;
    using reader = stream_reader<typename input::result>;
    const stream_plan plan(options.chunk_size, options.max_in_flight, core.size());
    require_time(options.timeout);
    core.require_open();
    auto from = std::make_unique<input>(std::move(function), std::forward<Range>(range), options);
    boost::intrusive_ptr<stream_arrivals> arrivals(
        new stream_arrivals(core, in, progress_meter::make(core, options.on_progress)));
    if (const auto length = from->length())
        arrivals->expect(*length);
    return result_stream_access::make(
        std::make_unique<reader>(core, plan, in, std::move(from), std::move(arrivals)));
}

} // namespace detail
} // namespace procpool

#endif
