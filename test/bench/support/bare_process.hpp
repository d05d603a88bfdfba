// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_BARE_PROCESS_HPP
#define PROCPOOL_BENCH_BARE_PROCESS_HPP

#include <optional>

namespace bench {

/// This program, started again by posix_spawn alone, to compare the cost of a worker with. The process
/// answers with a byte, and ends when it is told to, or at once.
class bare_process {
  public:
    enum class role { ends_at_once, answers };

    /// Errors:     throws std::system_error.
    explicit bare_process(role what);
    ~bare_process(); // ends the process, and waits for the end
    bare_process(const bare_process&) = delete;
    bare_process& operator=(const bare_process&) = delete;

    /// Waits for the answer.
    /// Errors:     throws std::runtime_error if the process ends without an answer.
    void await_answer();

    long pid() const noexcept { return process_; }

  private:
    int socket_ = -1;
    int process_ = -1;
};

/// Called in main(), after procpool::init(): returns the exit status if this is such a process.
std::optional<int> play_bare_process(int argc, const char* const* argv);

} // namespace bench

#endif
