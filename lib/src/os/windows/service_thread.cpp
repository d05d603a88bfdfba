// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/service_thread.hpp"

#include <utility>

namespace procpool::os {

// There are no signals that a thread could take from the program.
std::thread make_service_thread(std::function<void()> body) {
    return std::thread(std::move(body));
}

} // namespace procpool::os
