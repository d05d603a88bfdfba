// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_WORKER_SLEEPER_HPP
#define PROCPOOL_CHANNEL_WORKER_SLEEPER_HPP

#include "channel/damage.hpp"
#include "channel/layout.hpp"
#include "channel/sleep_word.hpp"
#include "channel/spin.hpp"
#include "os/doorbell.hpp"

#include <cstdint>

namespace procpool::channel {

/// Lets a worker wait for its parent: for a frame, or for room in a ring or arena that it writes to.
///
/// It waits without a deadline: if the parent dies, the thread that watches the lifeline ends the process.
class worker_sleeper {
  public:
    worker_sleeper(channel::control& shared, const os::doorbell& bell, std::uint32_t most_spin_turns) noexcept
        : control_(&shared)
        , bell_(&bell)
        , spin_(most_spin_turns) {}

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
