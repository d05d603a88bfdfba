// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/running_item.hpp"

namespace procpool::serving {

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
    source.request_stop(); // runs the task's stop callbacks, which may call stop_token()
}

bool running_item::request_stop_of_all() {
    std::stop_source source(std::nostopstate);
    bool listens = false;
    {
        const std::lock_guard lock(mutex_);
        stop_all_ = true;
        listens = source_id_ != 0 && source_id_ == id_.load(std::memory_order_relaxed);
        source = source_;
    }
    source.request_stop();
    return listens;
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
