// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_STREAM_STREAM_CHUNK_HPP
#define PROCPOOL_DETAIL_STREAM_STREAM_CHUNK_HPP

#include <procpool/detail/call/item_codec.hpp>
#include <procpool/detail/stream/stream_arrivals.hpp>
#include <procpool/detail/task/task_parts.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace procpool::detail {

/// The outcome of one item of a stream: a value, or an error.
template <class R>
class stream_outcome {
  public:
    using value_type = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

    template <class... Value>
    void succeed(Value&&... value) {
        what_.template emplace<1>(std::forward<Value>(value)...);
    }
    void fail(std::exception_ptr why) noexcept { what_.template emplace<2>(std::move(why)); }

    /// Errors:   throws the error if the outcome is one.
    /// Requires: there is an outcome.
    value_type& value() {
        if (const auto* why = std::get_if<2>(&what_))
            std::rethrow_exception(*why);
        return *std::get_if<1>(&what_);
    }

  private:
    std::variant<std::monostate, value_type, std::exception_ptr> what_;
};

/// A part of a stream as the reader sees it, for any task.
template <class R>
class stream_chunk : public stream_part {
  public:
    /// Item i, the only one, failed before it was sent.
    void refuse(std::exception_ptr why) {
        items = 1;
        refused_ = true;
        prepare();
        outcomes_[0].fail(std::move(why));
        arguments.clear();
    }
    /// Whether the chunk need not be submitted.
    bool refused() const noexcept { return refused_; }

    /// Called when all items are encoded.
    void prepare() {
        if (items > 1) {
            several_ = std::make_unique<stream_outcome<R>[]>(items);
            outcomes_ = several_.get();
        }
    }

    /// Requires: it has arrived.
    stream_outcome<R>& outcome(std::uint32_t item) noexcept { return outcomes_[item]; }

  protected:
    using stream_part::stream_part;

  private:
    void succeeded(std::uint32_t first, std::uint32_t count, std::span<const std::byte> values,
                   long pid) noexcept override {
        decode_items<R>(
            values, count,
            [&](std::uint32_t i, auto&&... value) {
                outcomes_[first + i].succeed(std::forward<decltype(value)>(value)...);
            },
            [&](std::uint32_t i) { outcomes_[first + i].fail(result_not_decoded(*this, first + i, pid)); });
    }
    void failed(std::uint32_t first, std::uint32_t count, const std::exception_ptr& why) noexcept override {
        for (std::uint32_t i = 0; i != count; ++i)
            outcomes_[first + i].fail(why);
    }

    stream_outcome<R> one_; // most chunks have one item
    std::unique_ptr<stream_outcome<R>[]> several_;
    stream_outcome<R>* outcomes_ = &one_;
    bool refused_ = false;
};

template <class Task, class Sig>
class stream_chunk_of final : public stream_chunk<typename Sig::result> {
  public:
    stream_chunk_of(pool_core& core, stream_arrivals& stream, const Task& function, std::size_t first)
        : stream_chunk<typename Sig::result>(core, stream) {
        describe_items<Task, Sig>(*this);
        encode_prefix(*this, function);
        this->items = 0;
        this->index_base = first;
        this->is_of_range = true;
    }

  private:
    std::string task_name() const override { return std::string(detail::task_name<Task>()); }
};

} // namespace procpool::detail

#endif
