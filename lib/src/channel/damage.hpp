// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_DAMAGE_HPP
#define PROCPOOL_CHANNEL_DAMAGE_HPP

#include "os/self.hpp"

#include <cstdio>

namespace procpool::channel {

/// A worker in which `what` makes no sense any more ends, with what its tasks have started: its parent does
/// not write nonsense, so a task has written where it should not, or closed what it has not opened, and what
/// else it has damaged is not known. Its parent sees the end.
[[noreturn]] inline void end_of_damage(const char* what) {
    std::fprintf(stderr, "procpool: a worker ends because its %s is damaged\n", what);
    os::end_own_tree(1);
}

} // namespace procpool::channel

#endif
