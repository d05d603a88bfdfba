// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_ITEMS_CALL_HPP
#define PROCPOOL_DETAIL_CALL_ITEMS_CALL_HPP

#include <procpool/detail/result/lowest_error.hpp>
#include <procpool/detail/result/progress_meter.hpp>
#include <procpool/detail/result/result_state.hpp>
#include <procpool/error.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <utility>

namespace procpool::detail {

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
