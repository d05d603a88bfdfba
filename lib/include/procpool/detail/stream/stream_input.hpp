// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_STREAM_STREAM_INPUT_HPP
#define PROCPOOL_DETAIL_STREAM_STREAM_INPUT_HPP

#include <procpool/detail/call/map_call.hpp>
#include <procpool/detail/stream/stream_arrivals.hpp>
#include <procpool/options.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>

namespace procpool::detail {

/// The source of a stream's items, for any task and range.
template <class R>
class stream_input {
  public:
    stream_input() = default;
    stream_input(const stream_input&) = delete;
    stream_input& operator=(const stream_input&) = delete;
    virtual ~stream_input() = default;

    /// Returns the next items, encoded, within the given limit; null at the end. An item whose encoding
    /// throws is returned in a chunk of its own.
    ///
    /// Errors: throws exceptions of the range, after all items before it were returned.
    virtual std::unique_ptr<stream_chunk<R>> pull(pool_core& core, stream_arrivals& stream,
                                                  std::uint32_t most) = 0;
};

/// The type in which a stream stores a range, as std::views::all does: a view or an rvalue itself, a
/// reference for any other lvalue.
template <class Range>
using kept_range =
    std::conditional_t<std::is_lvalue_reference_v<Range> && !std::ranges::view<std::remove_cvref_t<Range>>,
                       Range, std::remove_cvref_t<Range>>;

template <class Spread, class Task, class Range>
class stream_input_of final
    : public stream_input<typename map_signature<Spread, Task, kept_range<Range>&>::result> {
  public:
    using sig = map_signature<Spread, Task, kept_range<Range>&>;
    using result = typename sig::result;
    using chunk = stream_chunk_of<Task, sig>;

    stream_input_of(Task function, Range&& range, const map_options& options)
        : function_(std::move(function))
        , range_(std::forward<Range>(range))
        , timeout_(options.timeout)
        , retries_(options.retries)
        , priority_(options.priority) {}

    std::optional<std::size_t> length() {
        if constexpr (std::ranges::sized_range<kept_range<Range>&>)
            return static_cast<std::size_t>(std::ranges::size(range_));
        else
            return std::nullopt;
    }

    std::unique_ptr<stream_chunk<result>> pull(pool_core& core, stream_arrivals& stream,
                                               std::uint32_t most) override {
        if (refused_)
            return std::move(refused_);
        if (error_)
            std::rethrow_exception(std::exchange(error_, nullptr));
        std::unique_ptr<chunk> out;
        try {
            while ((!out || out->items != most) && advance()) {
                auto&& item = **at_;
                if (!out)
                    out = make(core, stream);
                try {
                    encode_item<sig>(*out, [&](encoder& to) {
                        Spread::template encode<sig>(to, function_, std::forward<decltype(item)>(item));
                    });
                    ++out->items;
                    ++index_;
                } catch (...) {
                    if (out->items != 0)
                        refused_ = make(core, stream);
                    (refused_ ? refused_ : out)->refuse(std::current_exception());
                    ++index_;
                    break;
                }
            }
        } catch (...) {
            if (!out || out->items == 0)
                throw;
            error_ = std::current_exception();
        }
        if (out)
            out->prepare();
        return out;
    }

  private:
    /// Moves to the next item; false: there is none. An iterator is incremented as late as possible, since
    /// incrementing may read the input.
    bool advance() {
        if (ended_)
            return false;
        if (at_) {
            ++*at_;
        } else {
            at_.emplace(std::ranges::begin(range_));
            end_.emplace(std::ranges::end(range_));
        }
        ended_ = *at_ == *end_;
        return !ended_;
    }

    std::unique_ptr<chunk> make(pool_core& core, stream_arrivals& stream) {
        auto out = std::make_unique<chunk>(core, stream, function_, index_);
        out->limit(timeout_, retries_, priority_);
        return out;
    }

    Task function_;
    kept_range<Range> range_;
    std::optional<std::ranges::iterator_t<kept_range<Range>&>> at_;
    std::optional<std::ranges::sentinel_t<kept_range<Range>&>> end_;
    bool ended_ = false;
    std::optional<std::chrono::nanoseconds> timeout_;
    unsigned retries_;
    int priority_;
    std::size_t index_ = 0;
    std::unique_ptr<chunk> refused_; // the next item, which could not be encoded
    std::exception_ptr error_;       // instead of the next item
};

} // namespace procpool::detail

#endif
