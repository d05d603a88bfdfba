// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/process_fence.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace procpool::os {

bool prepare_process_fence() noexcept {
    // A kernel before 4.14 does not know it, and a container may forbid it.
    return ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

bool process_fence() noexcept {
    return ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}

} // namespace procpool::os
