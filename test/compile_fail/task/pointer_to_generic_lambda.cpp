// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

int number = 1;

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(
        out, in, [](auto p) { return p != nullptr; }, &number);
}
