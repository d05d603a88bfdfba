// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_STOPWATCH_HPP
#define PROCPOOL_APPS_STOPWATCH_HPP

// The time that passes, and the part of it in which this process had a CPU.

#include <chrono>

namespace apps {

class stopwatch {
  public:
    stopwatch();

    /// Since the stopwatch was made.
    double seconds() const;

    /// CPU time of this process, all its threads together, since the stopwatch was made.
    double cpu_seconds() const;

  private:
    std::chrono::steady_clock::time_point start_;
    double cpu_start_;
};

} // namespace apps

#endif
