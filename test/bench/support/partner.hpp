// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_PARTNER_HPP
#define PROCPOOL_BENCH_PARTNER_HPP

#include <functional>

namespace bench {

/// A second process, for what is compared with a pool: it does its part each time it is told to, and sleeps
/// in between, so that it is not in the way of others. It is a fork: to be made before this process has
/// threads.
class partner {
  public:
    /// Errors:     throws std::system_error.
    explicit partner(const std::function<void()>& part);
    ~partner();
    partner(const partner&) = delete;
    partner& operator=(const partner&) = delete;

    /// Returns when the part has begun.
    void start();
    /// Returns when it is done.
    void finish();

  private:
    void send(char byte);
    void expect(char byte);

    int socket_ = -1;
    int process_ = -1;
};

} // namespace bench

#endif
