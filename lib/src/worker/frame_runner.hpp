// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_FRAME_RUNNER_HPP
#define PROCPOOL_WORKER_FRAME_RUNNER_HPP

#include "channel/request_reader.hpp"
#include "channel/response_writer.hpp"
#include "worker/claimed_items.hpp"
#include "worker/task_finder.hpp"

#include <procpool/detail/run/frame_run.hpp>

#include <chrono>
#include <cstdint>

namespace procpool::serving {

/// Runs frames one after the other: claims items before they start, and publishes results at the end of a
/// frame, after some time, or when there is no more room.
///
/// Items that have recently been very short are claimed together: see claimed_items.
///
/// Thread safety: one thread.
class frame_runner final : public detail::frame_run {
  public:
    frame_runner(channel::control& shared, channel::response_writer& responses, task_finder& tasks) noexcept
        : control_(&shared)
        , responses_(&responses)
        , tasks_(&tasks)
        , claimed_(&claimed_items::instance()) {}
    ~frame_runner() = default;

    /// Runs the remaining items of `frame`, and publishes their results; the caller must wake the parent when
    /// the frame has been passed. Time is measured from `resume`, or from the previous frame.
    void run(const channel::frame& frame);
    /// The object that runs a frame in this thread; null if there is none.
    static frame_runner* of_this_thread() noexcept;

    /// Sets pool_options::seed, from which `seed` is made together with an item's number.
    static void set_seed(std::uint64_t seed) noexcept;
    /// See this_task::seed. Requires: called by the thread that runs items, in an item.
    std::uint64_t seed() const noexcept;

    /// Sets the progress of the running item.
    void report(double fraction) noexcept {
        control_->reported.store(fraction, std::memory_order_relaxed);
        has_reported_ = true;
        claimed_->interrupt();
    }

    /// The worker has waited: the time until now is not counted for any item.
    void resume() noexcept { mark_ = look_ = clock::now(); }

  private:
    using clock = std::chrono::steady_clock;

    std::span<const std::byte> function() const noexcept override { return frame_->function; }
    std::span<const std::byte> arguments() const noexcept override { return frame_->arguments; }
    bool next(std::uint32_t& item) override;
    bool timed() const noexcept override { return frame_->timed; }
    detail::packed_items next_packed(std::size_t size) override;
    void packed(std::uint32_t count, std::size_t size) noexcept override;
    encoder& begin_value(std::uint32_t item) override { return responses_->begin_value(item); }
    void end_value() override { responses_->end_value(); }
    void abandon_value() override { responses_->abandon_value(); }
    void failed(std::uint32_t item, const std::exception_ptr& why) override;

    bool have_claimed();
    std::uint32_t measure();
    void prepare_item(std::uint32_t item);
    void begin_timed_item(std::uint64_t id) noexcept;
    std::uint64_t time_of_each(clock::time_point now) noexcept;
    void publish(clock::time_point now);
    void publish_last();

    channel::control* control_;
    channel::response_writer* responses_;
    task_finder* tasks_;
    claimed_items* claimed_;
    const channel::frame* frame_ = nullptr;
    std::uint32_t batch_ = 1;  // number of items in the last claim
    clock::time_point mark_{}; // last publication of results, or end of waiting
    std::uint32_t begun_since_mark_ = 0;
    clock::time_point look_{}; // last reading of the clock
    std::uint32_t begun_since_look_ = 0;
    bool has_reported_ = false; // the reported progress is of an earlier item
};

} // namespace procpool::serving

#endif
