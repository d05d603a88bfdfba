// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/home_process.hpp>

#include "os/process_mark.hpp"

#include <stdexcept>

namespace procpool::detail {

home_process::home_process() : mark_(&os::process_mark()) {}

void home_process::throw_elsewhere() {
    throw std::logic_error("procpool: this process is a copy made by fork(), and the pool belongs to the "
                           "process that was copied; "
                           "results that were ready before the fork() can be read here, and this process may "
                           "make a pool of its own");
}

} // namespace procpool::detail
