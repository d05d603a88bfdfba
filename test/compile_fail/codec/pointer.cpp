// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

void send(procpool::encoder& out, int* value) {
    out.write(value);
}
