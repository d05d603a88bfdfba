// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "task/forked_copy.hpp"

#include "os/self.hpp"

#include <procpool/detail/task/forked_copy.hpp>

#include <cstdio>

namespace procpool {

#if !defined(_WIN32)

bool detail::is_forked_copy = false;

void detail::end_forked_copy() noexcept {
    std::fputs(
        "procpool: a process that a task forked came back from the task as if it were the worker; it ends\n",
        stderr);
    os::exit_now(1);
}

void serving::watch_forks() {
    os::call_in_forked_copies([] { detail::is_forked_copy = true; });
}

#else

void serving::watch_forks() {}

#endif

} // namespace procpool
