// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CHANNEL_DAMAGE_HPP
#define PROCPOOL_CHANNEL_DAMAGE_HPP

#include "os/self.hpp"

#include <cstdio>

namespace procpool::channel {

/// Ends a worker in which `what` is invalid, with the processes that its tasks have started. The parent does
/// not write invalid data, so a task has written to a wrong address, or closed descriptors that it has not
/// opened; what else it has damaged is unknown. The parent notices the end.
[[noreturn]] inline void end_of_damage(const char* what) {
    std::fprintf(stderr, "procpool: a worker ends because its %s is damaged\n", what);
    os::end_own_tree(1);
}

} // namespace procpool::channel

#endif
