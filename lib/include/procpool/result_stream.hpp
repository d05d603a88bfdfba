// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_RESULT_STREAM_HPP
#define PROCPOOL_RESULT_STREAM_HPP

#include <procpool/detail/result/wait_deadline.hpp>
#include <procpool/detail/stream/stream_reader.hpp>

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

/// The results of pool::imap or pool::imap_unordered, read one by one while the tasks run. A stream may
/// outlive the pool.
///
/// It is a single-pass input range: `for (auto& result : pool.imap(task, items))`; views work too. Elements
/// may be moved from. `next` and iterators share one position in the stream: each result is returned once. If
/// the task returns void, `next()` returns a bool, true for each completed item, and the elements are of type
/// std::monostate.
///
/// Reading a result also reads more of the input, in the same thread, then waits for the result. After
/// pool::close(), an existing stream continues to its end, and the workers stay until then. If input is left
/// at pool::join(), the stream ends with pool_closed: otherwise a thread that joins and then reads would wait
/// for ever. Destroying a stream cancels items that have not started, and does not wait.
///
/// Errors:        reading a failed item throws its error; the next read returns the item after it. An
///                exception of the input, pool_closed and pool_terminated are thrown after the results of the
///                items read before, and then the stream ends.
/// Thread safety: one thread at a time; it may be a different thread each time.
/// Source:        Python, multiprocessing.pool.IMapIterator.
template <class R>
class result_stream {
    static constexpr bool has_value = !std::is_void_v<R>;
    using reader = detail::stream_reader<R>;

  public:
    class iterator;
    /// The return type of `next`: std::optional<R>, empty at the end. If R is void, bool, false at the end.
    using next_result = std::conditional_t<has_value, std::optional<R>, bool>;

    /// A stream that was moved from is at its end. Assignment destroys the previous stream.
    result_stream(result_stream&&) noexcept = default;
    result_stream& operator=(result_stream&&) noexcept = default;
    ~result_stream() = default;

    /// Waits for the next result and returns it. Returns an empty optional, or false, at the end and in every
    /// later call.
    next_result next() { return next_until(std::nullopt); }

    /// Waits at most for `timeout`, then throws wait_timeout; no result is skipped. With a time-out of zero
    /// or less it does not wait. The time-out does not limit the time that reading the input takes.
    template <class Duration>
    next_result next(Duration timeout) {
        return next_until(detail::deadline_after(timeout));
    }

    /// The position of the next result. Incrementing the iterator, comparing it with the end and
    /// dereferencing it wait for the result; only dereferencing throws its error. After that, ++ moves to the
    /// next item.
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

/// Iterator of a result_stream.
///
/// Requires: the stream exists and has not been moved.
template <class R>
class result_stream<R>::iterator {
  public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = typename reader::value_type;
    using difference_type = std::ptrdiff_t;

    iterator() = default;

    /// Waits for the result and returns it.
    ///
    /// Errors: throws the error of the item.
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

/// Makes a stream and submits its first items.
///
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
