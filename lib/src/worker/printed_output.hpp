// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_PRINTED_OUTPUT_HPP
#define PROCPOOL_WORKER_PRINTED_OUTPUT_HPP

#include "channel/layout.hpp"
#include "channel/worker_sleeper.hpp"
#include "os/output_pipe.hpp"

namespace procpool::serving {

/// Writes what the output streams of the C++ library have buffered. A full disk, or a reader that is gone, is no
/// error.
void flush_streams() noexcept;

/// The output of a worker whose parent reads it and looks up the task that runs when it does: so the results of
/// an item wait until what it has printed was read.
///
/// It does not wait for bytes that come later, since a process that a task has started may print without end,
/// nor while the parent does not read.
///
/// Thread safety: the thread that runs tasks.
class printed_output {
  public:
    printed_output(channel::control& shared, channel::worker_sleeper& sleeper) noexcept
        : control_(&shared)
        , sleeper_(&sleeper) {}

    /// Writes buffered output, and waits until the parent has read it.
    void pass_on();

  private:
    channel::control* control_;
    channel::worker_sleeper* sleeper_;
    os::printed_streams streams_;
};

} // namespace procpool::serving

#endif
