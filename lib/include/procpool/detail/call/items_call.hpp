// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_ITEMS_CALL_HPP
#define PROCPOOL_DETAIL_CALL_ITEMS_CALL_HPP

#include <procpool/detail/call/job.hpp>
#include <procpool/detail/result/progress_meter.hpp>
#include <procpool/detail/result/result_state.hpp>
#include <procpool/error.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace procpool::detail {

/// The error with the lowest index among the errors of many items.
///
/// Thread safety: `add` from any thread.
class lowest_error {
  public:
    void add(std::size_t item, const std::exception_ptr& why) noexcept {
        const std::lock_guard lock(mutex_);
        if (!error_ || item < item_) {
            item_ = item;
            error_ = why;
        }
    }

    /// Null if there was no error.
    ///
    /// Requires: all calls of `add` happened before.
    const std::exception_ptr& get() const noexcept { return error_; }

  private:
    std::mutex mutex_;
    std::size_t item_ = 0;
    std::exception_ptr error_;
};

/// Collects the results of a map, in any order.
///
/// Thread safety: `store` for different items from any thread.
template <class R>
class result_slots {
  public:
    void resize(std::size_t items) { slots_.resize(items); }

    void store(std::size_t item, R&& value) {
        if constexpr (direct)
            slots_[item] = std::move(value);
        else
            slots_[item].emplace(std::move(value)); // R need not be assignable
    }

    /// Stores consecutive values, whose bytes are those in memory.
    ///
    /// Requires: `direct`.
    void store_bytes(std::size_t item, std::size_t count, const std::byte* values) noexcept {
        if (count != 0)
            std::memcpy(static_cast<void*>(&slots_[item]), values, count * sizeof(R));
    }

    /// Requires: every item was stored.
    std::vector<R> take() {
        if constexpr (direct) {
            return std::move(slots_);
        } else {
            std::vector<R> out;
            out.reserve(slots_.size());
            for (auto& slot : slots_)
                out.push_back(std::move(*slot));
            return out;
        }
    }

    // Values are stored directly in the result vector if a T can be made before its value is known. Not for
    // bool: neighbours in a std::vector<bool> share a byte.
    static constexpr bool direct = std::is_trivially_copyable_v<R> && std::is_default_constructible_v<R> &&
                                   std::is_copy_assignable_v<R> && !std::is_same_v<R, bool>;

  private:
    std::vector<std::conditional_t<direct, R, std::optional<R>>> slots_;
};

template <>
class result_slots<void> {
  public:
    static constexpr bool direct = false;
    void resize(std::size_t) noexcept {}
    void store(std::size_t) noexcept {}
};

/// Consecutive items of an items_call, which they keep alive until they are settled.
template <class Whole>
class items_chunk : public job {
  public:
    using whole = Whole;

    void settled() noexcept final {
        arguments.clear(); // before the result is ready: its reader may rely on it
        whole_->chunk_settled();
        delete this;
    }

  protected:
    items_chunk(pool_core& core, Whole& of, std::size_t first) : job(core), whole_(&of) {
        items = 0;
        index_base = first;
        is_of_range = true;
        owner = &of;
    }
    virtual ~items_chunk() = default;

    Whole& of() const noexcept { return *whole_; }
    /// The index of an item of this chunk in the whole call.
    std::size_t index_of(std::uint32_t item) const noexcept { return index_base + item; }

  private:
    void failed(std::uint32_t first, std::uint32_t count, const std::exception_ptr& why) noexcept final {
        whole_->fail(index_of(first), why);
        whole_->progressed(count);
    }

    boost::intrusive_ptr<Whole> whole_;
};

/// The result of a call for many items, which are sent in chunks: a `Value` when all of them have succeeded.
template <class Value>
class items_call : public result_state<Value> {
  public:
    /// Sets the progress meter, which may be null. Called before anything is submitted.
    void tell(std::shared_ptr<progress_meter> meter) {
        meter_ = std::move(meter);
        if (meter_)
            this->when_finished([meter = meter_] { meter->finish(); });
    }

    /// Sets the number of items and chunks. Called before anything is submitted.
    void expect(std::size_t items, std::size_t chunks) {
        make_room(items);
        chunks_left_.store(chunks, std::memory_order_relaxed);
        if (meter_)
            meter_->expect(items);
    }
    /// Called when `items` more items have their outcome.
    void progressed(std::size_t items) noexcept {
        if (meter_)
            meter_->add(items);
    }

    void fail(std::size_t item, const std::exception_ptr& why) noexcept { error_.add(item, why); }

    /// Called when a chunk is settled.
    ///
    /// Requires: the caller holds a reference.
    void chunk_settled() noexcept {
        if (chunks_left_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            complete();
    }

    /// Called when every item has its outcome.
    void complete() noexcept {
        try {
            if (this->cancelled())
                this->set_error(std::make_exception_ptr(task_cancelled()));
            else if (const auto& why = error_.get())
                this->set_error(why);
            else
                make_value();
        } catch (...) {
            this->set_error(std::current_exception());
        }
        this->finish();
    }

  protected:
    explicit items_call(pool_core& core) noexcept : result_state<Value>(core) {}
    ~items_call() override = default;

  private:
    virtual void make_room(std::size_t items) = 0;
    /// Called when all items have succeeded. An exception becomes the outcome.
    virtual void make_value() = 0;

    lowest_error error_;
    std::atomic<std::size_t> chunks_left_{0};
    std::shared_ptr<progress_meter> meter_;
};

} // namespace procpool::detail

#endif
