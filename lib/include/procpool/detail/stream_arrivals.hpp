// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_STREAM_ARRIVALS_HPP
#define PROCPOOL_DETAIL_STREAM_ARRIVALS_HPP

#include <procpool/detail/job.hpp>
#include <procpool/detail/progress_meter.hpp>
#include <procpool/detail/result_state.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace procpool::detail {

class stream_arrivals;

/// Items of a stream that are sent together, and then their outcomes. It is the pool's until it has arrived,
/// and then the reader's.
class stream_part : public job {
  public:
    virtual ~stream_part() = default;

    /// Thread safety: any thread, of a part in input order.
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

/// Something that a thread waits for.
class awaited final : public result_base {
  public:
    explicit awaited(pool_core& core) noexcept : result_base(core) {}
    using result_base::finish;
};

/// Where the parts of a stream arrive, and who waits for them. It lives until the last part has arrived, and
/// is what its parts are cancelled by.
class stream_arrivals final : public result_base {
  public:
    enum class order { input, completion };

    stream_arrivals(pool_core& core, order in, std::shared_ptr<progress_meter> meter);

    // The reader's.

    /// Waits until `part` has arrived; in completion order, until any has. False: the deadline came first.
    bool wait_for(const stream_part* part, deadline until);
    /// In completion order: what has arrived since, as a list; the reader's from now on.
    stream_part* take() noexcept;
    /// There are so many items. May be said again, and then was wrong before.
    void expect(std::size_t items) noexcept;
    /// Waits until the function that is told of the progress has been told of the end.
    bool wait_until_told(deadline until);
    /// Nobody reads any more: what arrives from now on is destroyed. In input order, what has arrived is the
    /// reader's to destroy; `last_look` is called while nothing can arrive.
    template <class LastLook>
    void abandon(LastLook last_look) noexcept {
        const std::lock_guard lock(mutex_);
        last_look();
        abandoned_ = true;
    }

    /// A part has its outcomes.
    void arrive(stream_part& part) noexcept;

  private:
    void append(stream_part& part) noexcept;
    bool is_complete() noexcept;
    void tell_the_end() noexcept;

    pool_core& core_; // result_base keeps it
    const order order_;
    const std::shared_ptr<progress_meter> meter_;
    boost::intrusive_ptr<awaited> told_; // if there is a meter
    callback_list tells_the_end_;        // likewise

    std::mutex mutex_;
    boost::intrusive_ptr<awaited> reader_; // waits
    const stream_part* wanted_ = nullptr;  // what for
    stream_part* first_ = nullptr;         // what has arrived, in completion order
    stream_part* last_ = nullptr;
    std::size_t settled_ = 0; // items
    std::optional<std::size_t> expected_;
    bool end_told_ = false;
    bool abandoned_ = false;
};

} // namespace procpool::detail

#endif
