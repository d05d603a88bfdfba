// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/service_thread.hpp"

#include <csignal>
#include <cstring>
#include <utility>

namespace procpool::os {
namespace {

/// A new thread inherits the mask of the one that makes it, so it never runs with another.
class signals_blocked {
  public:
    signals_blocked() noexcept {
        sigset_t all;
        sigfillset(&all);
        // A fault of the thread itself must not be blocked: that would end the process without a trace.
        for (const int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS})
            sigdelset(&all, fault);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;
    ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_;
};

} // namespace

signal_mask own_signal_mask() noexcept {
    static_assert(sizeof(sigset_t) <= sizeof(signal_mask));
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, nullptr, &now);
    signal_mask out;
    std::memcpy(out.bits.data(), &now, sizeof now);
    return out;
}

with_signal_mask::with_signal_mask(const signal_mask& during) noexcept {
    sigset_t now;
    sigset_t before;
    std::memcpy(&now, during.bits.data(), sizeof now);
    pthread_sigmask(SIG_SETMASK, &now, &before);
    std::memcpy(before_.bits.data(), &before, sizeof before);
}

with_signal_mask::~with_signal_mask() {
    sigset_t before;
    std::memcpy(&before, before_.bits.data(), sizeof before);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

std::thread make_service_thread(std::function<void()> body) {
    const signals_blocked during;
    return std::thread(std::move(body));
}

} // namespace procpool::os
