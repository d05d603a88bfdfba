// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_EVENT_HPP
#define PROCPOOL_TEST_EVENT_HPP

#include "support/eventually.hpp"

#include <condition_variable>
#include <mutex>

namespace procpool::test {

/// An event that happens once or more often in any thread, and that another thread waits for.
class event {
  public:
    void happen() {
        const std::lock_guard lock(mutex_);
        ++times_;
        changed_.notify_all();
    }
    /// False: the event has not happened this often within the patience of a test.
    bool wait(int times = 1) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return times_ >= times; });
    }
    int times() const {
        const std::lock_guard lock(mutex_);
        return times_;
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int times_ = 0;
};

} // namespace procpool::test

#endif
