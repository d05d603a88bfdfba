// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/error.hpp>

void tell_of_what_cannot_be_received() {
    procpool::set_unhandled([](std::exception_ptr) {});
}
