// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/inherited_handle.hpp"

#include <fcntl.h>

namespace procpool::os {

unique_handle inherited_handle(std::size_t position) noexcept {
    const int descriptor = static_cast<int>(position) + 3; // where start_worker puts it
    if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) == -1)
        return {};
    return unique_handle(descriptor);
}

} // namespace procpool::os
