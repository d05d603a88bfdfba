// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_STREAM_STREAM_ARRIVALS_HPP
#define PROCPOOL_DETAIL_STREAM_STREAM_ARRIVALS_HPP

#include <procpool/detail/call/job.hpp>
#include <procpool/detail/call/job_encoding.hpp>
#include <procpool/detail/result/progress_meter.hpp>
#include <procpool/detail/result/result_state.hpp>
#include <procpool/detail/task/task_parts.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace procpool::detail {

class stream_arrivals;

/// Items of a stream that are sent together, and later their outcomes. The pool owns the part until it has
/// arrived, then the reader.
class stream_part : public job {
  public:
    virtual ~stream_part() = default;

    /// Thread safety: any thread, for a part in input order.
    bool arrived() const noexcept { return arrived_.load(std::memory_order_acquire); }
    /// The part that arrived next; parts are handed over as a list.
    stream_part* next() const noexcept { return next_; }

  protected:
    stream_part(pool_core& core, stream_arrivals& stream) noexcept;

  private:
    friend stream_arrivals;
    void settled() noexcept final;

    boost::intrusive_ptr<stream_arrivals> stream_;
    std::atomic<bool> arrived_{false};
    stream_part* next_ = nullptr;
};

/// An event that a thread waits for.
class awaited final : public result_base {
  public:
    explicit awaited(pool_core& core) noexcept : result_base(core) {}
    using result_base::finish;
};

/// Receives the parts of a stream when they are settled, and wakes the reader. It lives until the last part
/// has arrived. Its parts are cancelled through it.
class stream_arrivals final : public result_base {
  public:
    enum class order { input, completion };

    stream_arrivals(pool_core& core, order in, std::shared_ptr<progress_meter> meter);

    // Called by the reader.

    /// Waits until `part` has arrived; in completion order, until any part has. False: the deadline came
    /// first.
    bool wait_for(const stream_part* part, deadline until);
    /// In completion order: returns the parts that have arrived since, as a list, which the reader owns from
    /// now on.
    stream_part* take() noexcept;
    /// Sets the total number of items. A later call corrects an earlier one.
    void expect(std::size_t items) noexcept;
    /// Waits until the progress function was called with the final progress.
    bool wait_until_told(deadline until);
    /// The reader has stopped: parts that arrive from now on are destroyed. In input order, the reader must
    /// destroy the parts that have arrived; `last_look` is called while no part can arrive.
    template <class LastLook>
    void abandon(LastLook last_look) noexcept {
        const std::lock_guard lock(mutex_);
        last_look();
        abandoned_ = true;
    }

    /// Called when a part has its outcomes.
    void arrive(stream_part& part) noexcept;

  private:
    void append(stream_part& part) noexcept;
    bool is_complete() noexcept;
    void tell_the_end() noexcept;

    pool_core& core_; // result_base keeps it alive
    const order order_;
    const std::shared_ptr<progress_meter> meter_;
    boost::intrusive_ptr<awaited> told_; // if there is a meter
    callback_list tells_the_end_;        // likewise

    std::mutex mutex_;
    boost::intrusive_ptr<awaited> reader_; // the waiting reader
    const stream_part* wanted_ = nullptr;  // the part that it waits for
    stream_part* first_ = nullptr;         // arrived parts, in completion order
    stream_part* last_ = nullptr;
    std::size_t settled_ = 0; // number of items
    std::optional<std::size_t> expected_;
    bool end_told_ = false;
    bool abandoned_ = false;
};

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
