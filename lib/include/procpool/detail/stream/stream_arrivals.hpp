// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_STREAM_STREAM_ARRIVALS_HPP
#define PROCPOOL_DETAIL_STREAM_STREAM_ARRIVALS_HPP

#include <procpool/detail/call/job.hpp>
#include <procpool/detail/result/progress_meter.hpp>
#include <procpool/detail/result/result_state.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

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

} // namespace procpool::detail

#endif
