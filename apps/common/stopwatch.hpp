// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_STOPWATCH_HPP
#define PROCPOOL_APPS_STOPWATCH_HPP

// Measures elapsed time, and the CPU time of this process in it.

#include <chrono>

namespace apps {

class stopwatch {
  public:
    /// Since the stopwatch was made.
    double seconds() const { return std::chrono::duration<double>(clock::now() - start_).count(); }

  private:
    using clock = std::chrono::steady_clock;
    clock::time_point start_ = clock::now();
};

/// CPU time of this process since its start, all its threads together.
double cpu_seconds();

} // namespace apps

#endif
