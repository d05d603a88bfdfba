// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_WORKER_SLEEPER_HPP
#define PROCPOOL_CHANNEL_WORKER_SLEEPER_HPP

#include "channel/layout.hpp"
#include "channel/sleep.hpp"
#include "os/self.hpp"
#include "os/waiting.hpp"

#include <cstdint>
#include <cstdio>

namespace procpool::channel {

/// Ends a worker in which `what` is invalid, with the processes that its tasks have started. The parent does
/// not write invalid data, so a task has written to a wrong address, or closed descriptors that it has not
/// opened; what else it has damaged is unknown. The parent notices the end.
[[noreturn]] inline void end_of_damage(const char* what) {
    std::fprintf(stderr, "procpool: a worker ends because its %s is damaged\n", what);
    os::end_own_tree(1);
}

/// Lets a worker wait for its parent: for a frame, or for room in a ring or arena that it writes to.
///
/// It waits without a deadline: if the parent dies, the thread that watches the lifeline ends the process.
class worker_sleeper {
  public:
    worker_sleeper(channel::control& shared, const os::doorbell& bell, std::uint32_t max_spin_turns) noexcept
        : control_(&shared)
        , bell_(&bell)
        , spin_(max_spin_turns) {}

    /// Returns when `ready()` is true. Only an action of the parent that is followed by a ring may make it
    /// true.
    template <class Ready>
    void until(Ready ready) {
        if (spin_.spin(ready))
            return;
        for (;;) {
            going_to_sleep(control_->worker_asleep, sleep::on_doorbell);
            if (ready()) {
                woke_up(control_->worker_asleep);
                return;
            }
            if (!bell_->wait())
                end_of_damage("doorbell");
        }
    }

  private:
    channel::control* control_;
    const os::doorbell* bell_;
    spin_budget spin_;
};

} // namespace procpool::channel

#endif
