// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/process_fence.hpp"

#include <windows.h>

namespace procpool::os {

bool prepare_process_fence() noexcept {
    return true;
}

void process_fence() noexcept {
    ::FlushProcessWriteBuffers();
}

} // namespace procpool::os
