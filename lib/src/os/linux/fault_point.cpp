// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/fault_point.hpp"

#include <cstdlib>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

namespace procpool::os {
namespace {

/// Null: no fault is planned.
fault_plan* map_plan() noexcept {
    const char* const path = std::getenv(fault_plan_variable);
    if (path == nullptr)
        return nullptr;
    const int file = ::open(path, O_RDWR | O_CLOEXEC);
    void* const memory = ::mmap(nullptr, sizeof(fault_plan), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (memory == MAP_FAILED)
        std::abort(); // a test must not pass without its fault
    return static_cast<fault_plan*>(memory);
}

} // namespace

void fault_point(fault_step step) noexcept {
    static fault_plan* const plan = map_plan();
    if (plan == nullptr)
        return;
    const auto passage = 1 + plan->passages[static_cast<std::size_t>(step)].fetch_add(1);
    if (step != plan->step || passage < plan->passage || plan->what == fault_plan::action::none)
        return;
    const pid_t victim = plan->to_another ? plan->other.load() : ::getpid();
    std::int32_t no_victim = 0;
    if (victim == 0 || !plan->victim.compare_exchange_strong(no_victim, victim))
        return;
    const int signal = plan->what == fault_plan::action::stop ? SIGSTOP : SIGKILL;
    if (victim != ::getpid())
        ::kill(victim, signal);
    else if (plan->what == fault_plan::action::exit)
        ::_exit(fault_plan::exit_status);
    else
        ::raise(signal); // sent to this thread, which then takes no further step
}

} // namespace procpool::os
