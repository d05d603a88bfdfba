// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_FRAME_RUNNER_HPP
#define PROCPOOL_WORKER_FRAME_RUNNER_HPP

#include "channel/request_reader.hpp"
#include "channel/response_writer.hpp"
#include "worker/task_registry.hpp"

#include <procpool/detail/frame_run.hpp>

#include <chrono>
#include <cstdint>

namespace procpool::serving {

/// Runs frames one after the other: claims each item before it begins, and publishes results when a frame is
/// through, when some time has passed, or when there is no more room.
///
/// Thread safety: one thread.
class frame_runner final : public detail::frame_run {
  public:
    frame_runner(channel::control& shared, channel::response_writer& responses,
                 const task_registry& registry) noexcept
        : control_(&shared)
        , responses_(&responses)
        , registry_(&registry) {}
    ~frame_runner() = default;

    /// Runs what is left of `frame`. Time is measured from `resume`, or from the frame before.
    void run(const channel::frame& frame);
    /// The one that runs a frame in this thread; null if there is none.
    static frame_runner* of_this_thread() noexcept;

    /// How far the item that runs has come.
    void report(double fraction) noexcept {
        control_->reported.store(fraction, std::memory_order_relaxed);
        has_reported_ = true;
    }

    /// The worker has waited: the time until now is nobody's.
    void resume() noexcept { mark_ = clock::now(); }

  private:
    using clock = std::chrono::steady_clock;

    std::span<const std::byte> function() const noexcept override { return frame_->function; }
    std::span<const std::byte> arguments() const noexcept override { return frame_->arguments; }
    bool next(std::uint32_t& item) override;
    bool timed() const noexcept override { return frame_->timed; }
    std::byte* packed_room(std::uint32_t item, std::size_t size) override;
    void packed(std::size_t size) noexcept override { responses_->packed(size); }
    encoder& begin_value(std::uint32_t item) override { return responses_->begin_value(item); }
    void end_value() override { responses_->end_value(); }
    void abandon_value() override { responses_->abandon_value(); }
    void failed(std::uint32_t item, const std::exception_ptr& why) override;

    void begin_timed_item(std::uint64_t id) noexcept;
    void publish();

    channel::control* control_;
    channel::response_writer* responses_;
    const task_registry* registry_;
    const channel::frame* frame_ = nullptr;
    clock::time_point mark_{};
    std::uint32_t since_publish_ = 0; // items that were claimed since
    std::uint32_t publish_after_ = 1; // as many as run in some 25 microseconds
    bool has_reported_ = false;       // what is reported is of an item that has begun since
};

} // namespace procpool::serving

#endif
