// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "delivery/worker_outputs.hpp"

#include "delivery/output_lines.hpp"
#include "result/unhandled.hpp"

#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace procpool::pooling {
namespace {

/// A piece occupies about as much besides its text.
constexpr std::size_t piece_bytes = 256;

} // namespace

/// Output that waits in the queue of callbacks. It leaves the account when it was passed on, or was dropped
/// with the executor's context.
class worker_outputs::piece {
  public:
    piece(std::shared_ptr<worker_outputs> of, worker_output lines)
        : of_(std::move(of))
        , lines_(std::move(lines))
        , bytes_(lines_.text.size() + piece_bytes) {}
    piece(const piece&) = delete;
    piece& operator=(const piece&) = delete;
    ~piece() {
        if (is_counted_)
            of_->leave(bytes_);
    }

    std::size_t bytes() const noexcept { return bytes_; }
    void count() noexcept { is_counted_ = true; }
    void deliver() const { of_->deliver(lines_); }

  private:
    const std::shared_ptr<worker_outputs> of_;
    const worker_output lines_;
    const std::size_t bytes_;
    bool is_counted_ = false;
};

worker_outputs::worker_outputs(std::function<void(const worker_output&)> on_output,
                               std::shared_ptr<callback_queue> callbacks, std::function<void()> progressed)
    : on_output_(std::move(on_output))
    , callbacks_(std::move(callbacks))
    , progressed_(std::move(progressed)) {}

std::uint64_t worker_outputs::post(worker_output lines) {
    const bool still = stands_still();
    auto made = std::make_shared<piece>(shared_from_this(), std::move(lines));
    detail::callback_list one;
    one.emplace_back([made] { made->deliver(); });
    std::uint64_t number = 0;
    {
        const std::lock_guard held(mutex_);
        if (waiting_bytes_ >= (still ? enough_bytes : too_many_bytes)) {
            dropped_bytes_ += made->bytes() - piece_bytes;
            return posted_;
        }
        waiting_bytes_ += made->bytes();
        made->count();
        number = ++posted_;
    }
    made.reset();
    callbacks_->prepare();
    callbacks_->post(one);
    return number;
}

bool worker_outputs::wait_for_room() {
    if (stands_still())
        return false; // what is read now is dropped
    const std::lock_guard held(mutex_);
    const bool waits = waiting_bytes_ >= enough_bytes;
    awaited_ = awaited_ || waits;
    return waits;
}

bool worker_outputs::wait_for(std::uint64_t pieces) {
    const std::lock_guard held(mutex_);
    const bool waits = handled_ < pieces;
    awaited_ = awaited_ || waits;
    return waits;
}

std::uint64_t worker_outputs::handled() const {
    const std::lock_guard held(mutex_);
    return handled_;
}

bool worker_outputs::stands_still() const {
    return may_stand_still() && callbacks_->awaited_until() <= std::chrono::steady_clock::now();
}

void worker_outputs::stop() {
    const std::lock_guard held(mutex_);
    progressed_ = nullptr;
}

/// In the executor.
void worker_outputs::deliver(const worker_output& lines) {
    report_dropped();
    worker_output line{lines.worker, lines.pid, lines.is_error, lines.task_name, lines.item_index, {}};
    for (std::string_view rest = lines.text; !rest.empty();) {
        const auto text = next_line(rest);
        try {
            line.text.assign(text);
            on_output_(line);
        } catch (...) {
            report_unhandled(std::current_exception());
        }
    }
}

void worker_outputs::report_dropped() {
    std::size_t bytes = 0;
    {
        const std::lock_guard held(mutex_);
        bytes = std::exchange(dropped_bytes_, 0);
    }
    if (bytes != 0)
        report_unhandled(
            std::make_exception_ptr(std::runtime_error("procpool: " + std::to_string(bytes) +
                                                       " bytes that workers printed were dropped, since the "
                                                       "executor of the pool did not run on_output")));
}

void worker_outputs::leave(std::size_t bytes) noexcept {
    const std::lock_guard held(mutex_);
    waiting_bytes_ -= bytes;
    ++handled_;
    if (std::exchange(awaited_, false) && progressed_)
        progressed_();
}

} // namespace procpool::pooling
