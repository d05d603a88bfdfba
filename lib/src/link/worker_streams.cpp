// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "link/worker_streams.hpp"

#include "channel/sleep.hpp"
#include "delivery/output_lines.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace procpool::pooling {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// How often a reader that waits looks whether the executor still runs: no event tells.
constexpr std::chrono::seconds look_every{1};
/// How often before the loss of an item does not wait any longer for lines that on_output should get first.
constexpr int max_looks_without_progress = 3;

} // namespace

worker_streams::stream worker_streams::make_stream(asio::io_context& context) {
    auto ends = os::make_output_pipe();
    return stream(os::make_output_stream(context, std::move(ends.parent_end)), std::move(ends.worker_end));
}

worker_streams::worker_streams(asio::io_context& context, std::shared_ptr<worker_outputs> to,
                               surroundings around, std::shared_ptr<const channel::channel_memory> memory)
    : to_(std::move(to))
    , around_(std::move(around))
    , memory_(std::move(memory))
    , streams_{make_stream(context), make_stream(context)}
    , timer_(context) {}

void worker_streams::begin(long pid) {
    pid_ = pid;
    for (auto& each : streams_)
        each.worker_end.reset();
    for (auto& each : streams_)
        read(each);
}

void worker_streams::read(stream& from) {
    if (from.reading || from.at_end || finishing_ || closed_)
        return;
    if (to_->wait_for_room()) {
        set_paused(true);
        if (to_->may_stand_still())
            look_again();
        return;
    }
    set_paused(false);
    os::async_read_output(
        from.pipe, asio::buffer(from.buffer),
        [this] { memory_->control().output_handled.store(0, std::memory_order_seq_cst); },
        [self = shared_from_this(), &from](error_code error, std::size_t bytes) {
            const bool goes_on = !error || error == asio::error::operation_aborted ||
                                 error == asio::error::would_block || error == asio::error::interrupted;
            self->got(from, !goes_on, bytes);
        });
    from.reading = true;
}

void worker_streams::got(stream& from, bool at_end, std::size_t bytes) {
    from.reading = false;
    from.at_end = at_end;
    from.unhandled = bytes;
    if (closed_)
        return;
    pass_on(from, false);
    if (finishing_)
        finish_reading();
    else
        read(from);
}

/// Passes on the complete lines, or all bytes. What fails for lack of memory is done by the next call.
void worker_streams::pass_on(stream& from, bool all) {
    if (from.unhandled != 0) {
        const std::string_view bytes(from.buffer.data(), from.unhandled);
        from.pending.append(bytes);
        from.untold += std::exchange(from.unhandled, 0);
        if (&from == &streams_[1])
            errors_->add(bytes);
    }
    const auto complete = all ? from.pending.size() : complete_bytes(from.pending);
    if (complete != 0) {
        auto [name, item] = around_.what_runs();
        posted_ = to_->post({around_.worker, pid_, &from == &streams_[1], std::move(name), item,
                             from.pending.substr(0, complete)});
        from.pending.erase(0, complete);
    }
    tell_worker(from);
}

/// A worker whose item has ended waits until what it has printed was read, and its task looked up.
void worker_streams::tell_worker(stream& about) noexcept {
    auto& control = memory_->control();
    control.output_read.fetch_add(std::exchange(about.untold, 0), std::memory_order_release);
    if (control.output_handled.exchange(1, std::memory_order_acq_rel) == 0)
        ring();
}

/// While nothing is read, the worker does not wait.
void worker_streams::set_paused(bool paused) noexcept {
    if (std::exchange(paused_, paused) == paused)
        return;
    memory_->control().output_paused.store(paused, std::memory_order_release);
    ring();
}

void worker_streams::ring() noexcept {
    if (channel::wake_needed(memory_->control().worker_asleep) != channel::sleep::awake)
        around_.worker_bell->ring();
}

void worker_streams::go_on() {
    if (closed_ || finished_)
        return;
    for (auto& each : streams_)
        pass_on(each, false);
    if (finishing_) {
        finish_reading();
        return;
    }
    for (auto& each : streams_)
        read(each);
}

void worker_streams::finish(bool lines_first, std::function<void()> finished) {
    if (!std::exchange(finishing_, true)) {
        lines_first_ = lines_first && !hurried_;
        on_finished_ = std::move(finished);
        error_code ignored;
        for (auto& each : streams_)
            each.pipe.cancel(ignored); // the handler may still get bytes
    }
    go_on();
}

void worker_streams::finish_reading() {
    if (std::any_of(streams_.begin(), streams_.end(), [](const auto& each) { return each.reading; }))
        return;
    if (!all_read_) {
        for (auto& each : streams_)
            read_rest(each);
        all_read_ = true;
        error_code ignored;
        for (auto& each : streams_)
            each.pipe.close(ignored);
    }
    await_lines();
}

/// Not more than there is now: a process that the worker has left may write without end.
void worker_streams::read_rest(stream& from) {
    if (!from.rest)
        from.rest = os::bytes_to_read(from.pipe);
    while (*from.rest != 0) {
        error_code error;
        const auto bytes =
            from.pipe.read_some(asio::buffer(from.buffer.data(), std::min(*from.rest, buffer_bytes)), error);
        if (error)
            break;
        *from.rest -= bytes;
        from.unhandled = bytes;
        pass_on(from, false);
    }
    from.rest = 0;
    pass_on(from, true);
}

void worker_streams::await_lines() {
    if (finished_)
        return;
    if (lines_first_ && looks_without_progress_ < max_looks_without_progress && to_->wait_for(posted_) &&
        !to_->stands_still())
        look_again();
    else
        end();
}

void worker_streams::look_again() {
    if (timer_set_)
        return;
    handled_before_ = to_->handled();
    timer_.expires_after(look_every);
    timer_.async_wait([self = shared_from_this()](error_code error) {
        self->timer_set_ = false;
        if (error) {
            if (self->all_read_ && !self->closed_)
                self->await_lines();
            return;
        }
        if (self->to_->handled() != self->handled_before_)
            self->looks_without_progress_ = 0;
        else if (self->all_read_)
            ++self->looks_without_progress_;
        self->go_on();
    });
    timer_set_ = true;
}

void worker_streams::hurry() noexcept {
    hurried_ = true;
    lines_first_ = false;
    if (timer_set_)
        timer_.cancel();
}

/// `finished` may destroy this object.
void worker_streams::end() {
    timer_.cancel();
    finished_ = true;
    const auto self = shared_from_this();
    if (const auto finished = std::exchange(on_finished_, nullptr))
        finished();
}

void worker_streams::close() noexcept {
    closed_ = true;
    on_finished_ = nullptr;
    timer_.cancel();
    error_code ignored;
    for (auto& each : streams_) {
        each.pipe.close(ignored);
        each.worker_end.reset();
    }
}

} // namespace procpool::pooling
