// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/running_item.hpp"

#include "os/waiting.hpp"

#include <exception>
#include <utility>

namespace procpool::serving {

/// Stop callbacks run in a separate thread, since they may block, for example on a lock that the task holds,
/// and the thread that listens to the parent must continue. The new thread blocks no signals, like the thread
/// that runs tasks when a worker starts: programs that a callback starts inherit the mask.
void stop_in_thread_of_its_own(std::stop_source source) {
    if (!source.stop_possible() || source.stop_requested())
        return;
    try {
        os::start_service_thread([source]() mutable {
            const os::with_signal_mask during({});
            source.request_stop();
        });
    } catch (const std::exception&) {
        source.request_stop(); // no thread can be started: better to call them here than not at all
    }
}

running_item& running_item::instance() {
    // Never destroyed: the thread that watches the parent may use it while the process ends.
    static auto* const item = new running_item;
    return *item;
}

std::stop_token running_item::stop_token() {
    const std::lock_guard lock(mutex_);
    const auto id = id_.load(std::memory_order_relaxed);
    if (source_id_ != id) {
        source_ = std::stop_source();
        source_id_ = id;
        remembers_.store(true, std::memory_order_relaxed);
        if (is_wanted(id))
            source_.request_stop();
    }
    return source_.get_token();
}

void running_item::request_stop(std::uint64_t id) {
    std::stop_source source(std::nostopstate);
    {
        const std::lock_guard lock(mutex_);
        stop_id_ = id;
        remembers_.store(true, std::memory_order_relaxed);
        if (source_id_ != 0 && is_wanted(source_id_))
            source = source_;
    }
    stop_(std::move(source));
}

running_item::heard running_item::request_stop_of_all() {
    std::stop_source source(std::nostopstate);
    auto out = heard::by_none;
    {
        const std::lock_guard lock(mutex_);
        stop_all_ = true;
        const auto runs = id_.load(std::memory_order_relaxed);
        if (runs == 0)
            out = heard::nothing_runs;
        else if (source_id_ == runs)
            out = heard::by_task;
        source = source_;
    }
    stop_(std::move(source));
    return out;
}

void running_item::forget(std::uint64_t frame) noexcept {
    const std::lock_guard lock(mutex_);
    if (stop_id_ != 0 && channel::is_not_later(stop_id_, frame))
        stop_id_ = 0;
    source_id_ = 0;
    source_ = std::stop_source(std::nostopstate);
    remembers_.store(stop_id_ != 0, std::memory_order_relaxed);
}

bool running_item::stop_of_all_was_requested() {
    const std::lock_guard lock(mutex_);
    return stop_all_;
}

} // namespace procpool::serving
