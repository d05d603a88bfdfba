// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_PARTNER_HPP
#define PROCPOOL_BENCH_PARTNER_HPP

#include <functional>

namespace bench {

/// A second process, for alternatives to a pool: it does its part each time it is told to, and sleeps in
/// between, so that it does not disturb others. It is made by fork(), so it must be constructed before this
/// process has threads.
class partner {
  public:
    /// Errors:     throws std::system_error.
    explicit partner(const std::function<void()>& part);
    ~partner();
    partner(const partner&) = delete;
    partner& operator=(const partner&) = delete;

    /// Returns when the part has started.
    void start();
    /// Returns when the part is finished.
    void finish();

  private:
    void send(char byte);
    void expect(char byte);

    int socket_ = -1;
    int process_ = -1;
};

} // namespace bench

#endif
