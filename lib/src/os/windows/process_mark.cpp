// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/process_mark.hpp"

namespace procpool::os {

const std::atomic<std::uint32_t>& process_mark() {
    static constinit std::atomic<std::uint32_t> mark{1};
    return mark;
}

} // namespace procpool::os
