// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_OWN_COLLECTORS_HPP
#define PROCPOOL_POOL_OWN_COLLECTORS_HPP

#include "os/waiting.hpp"

#include <memory>
#include <thread>
#include <vector>

namespace procpool::pooling {

/// A thread of the pool that collects. It is joined by its destructor.
struct own_collector {
    own_collector() = default;
    own_collector(const own_collector&) = delete;
    own_collector& operator=(const own_collector&) = delete;
    ~own_collector();

    std::thread thread;
    bool is_replaced = false; // used by that thread only
    bool keeps_pool = false;  // holds a reference to it; these two under the pool's lock
    bool has_ended = false;
};

/// The threads of the pool that collect. Each but the last was replaced, because its codec waits or has waited.
///
/// Thread safety: under the pool's lock, except where a function says otherwise.
class own_collectors {
  public:
    /// Starts a thread, which runs `body` with its own entry. Also before there are other threads.
    ///
    /// Errors: throws std::system_error if there can be no more threads, std::bad_alloc; then nothing has
    ///         changed.
    template <class Body>
    void add(Body body) {
        auto& added = *all_.emplace_back(std::make_unique<own_collector>());
        try {
            added.thread = os::make_service_thread([body, &added] { body(added); });
        } catch (...) {
            all_.pop_back();
            throw;
        }
    }
    /// Removes the threads that have ended, to be joined without the lock.
    ///
    /// Errors: throws std::bad_alloc; then nothing has changed.
    std::vector<std::unique_ptr<own_collector>> take_ended();
    bool all_have_ended() const noexcept;

    /// The threads end when they have delivered. From then on none is added.
    void end() noexcept { ending_ = true; }
    bool ending() const noexcept { return ending_; }
    /// Waits until all have ended. Without the lock. Requires: `end`.
    void join();
    /// Lets the threads end when they can; `keep_pool` is called first for each that has not ended.
    template <class KeepPool>
    void detach(KeepPool keep_pool) {
        for (const auto& each : all_) {
            if (!each->has_ended)
                keep_pool(*each);
            each->thread.detach();
        }
    }

  private:
    std::vector<std::unique_ptr<own_collector>> all_;
    bool ending_ = false;
};

} // namespace procpool::pooling

#endif
