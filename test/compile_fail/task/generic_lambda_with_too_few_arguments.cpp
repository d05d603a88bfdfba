// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(
        out, in, [](auto a, auto b) { return a + b; }, 1);
}
