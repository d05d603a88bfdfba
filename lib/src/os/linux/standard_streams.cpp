// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/standard_streams.hpp"

#include "os/linux/descriptors.hpp"
#include "os/system_failure.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace procpool::os {

standard_streams_kept_free::standard_streams_kept_free() {
    for (;;) {
        unique_handle place = open_file(AT_FDCWD, "/dev/null", O_RDONLY); // the lowest that is free
        if (place.get() == -1)
            throw_system_failure(errno, "cannot open /dev/null");
        if (place.get() > STDERR_FILENO)
            return;
        places_.push_back(std::move(place));
    }
}

} // namespace procpool::os
