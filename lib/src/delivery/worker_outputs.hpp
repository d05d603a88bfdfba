// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DELIVERY_WORKER_OUTPUTS_HPP
#define PROCPOOL_DELIVERY_WORKER_OUTPUTS_HPP

#include "delivery/callback_queue.hpp"

#include <procpool/worker_output.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

namespace procpool::pooling {

/// The output of a pool's workers on its way to pool_options::on_output, through the queue of callbacks.
///
/// Memory is bounded: a reader that asks first (`wait_for_room`) stops when many bytes wait, and then its
/// worker is slowed, because the pipe fills. The rest of a dead worker's output is always taken, up to a
/// second bound, beyond which it is dropped. The same happens while the executor does not run: no task may
/// wait for it. The function of set_unhandled is told how much was dropped.
///
/// Thread safety: any thread, without the pool's lock, unless noted.
class worker_outputs : public std::enable_shared_from_this<worker_outputs> {
  public:
    /// Readers stop when this many bytes wait.
    static constexpr std::size_t enough_bytes = 1024 * 1024;
    /// Output is dropped when this many bytes wait.
    static constexpr std::size_t too_many_bytes = 8 * enough_bytes;

    /// `progressed`: called when a reader waits and lines were passed on. It must not throw.
    worker_outputs(std::function<void(const worker_output&)> on_output,
                   std::shared_ptr<callback_queue> callbacks, std::function<void()> progressed);
    worker_outputs(const worker_outputs&) = delete;
    worker_outputs& operator=(const worker_outputs&) = delete;
    ~worker_outputs() = default;

    /// Passes on what a worker has printed; `lines.text` may have several lines, with their ends. Returns the
    /// number of pieces that were passed on so far, this one included.
    ///
    /// Errors: throws std::bad_alloc; then nothing has changed.
    std::uint64_t post(worker_output lines);

    /// Whether readers must stop. If so, `progressed` will be called.
    bool wait_for_room();
    /// Whether some of the first `pieces` pieces still wait. If so, `progressed` will be called.
    bool wait_for(std::uint64_t pieces);
    /// The number of pieces that do not wait any more.
    std::uint64_t handled() const;
    /// Whether the user's executor runs no callbacks now.
    bool stands_still() const;
    /// Whether that can happen.
    bool may_stand_still() const noexcept { return !callbacks_->has_own_thread(); }

    /// `progressed` is not called any more, nor running.
    void stop();

  private:
    class piece;

    void deliver(const worker_output& lines);
    void report_dropped();
    void leave(std::size_t bytes) noexcept;

    const std::function<void(const worker_output&)> on_output_;
    const std::shared_ptr<callback_queue> callbacks_;
    mutable std::mutex mutex_;
    std::function<void()> progressed_;
    bool awaited_ = false;
    std::size_t waiting_bytes_ = 0;
    std::size_t dropped_bytes_ = 0;
    std::uint64_t posted_ = 0;
    std::uint64_t handled_ = 0;
};

} // namespace procpool::pooling

#endif
