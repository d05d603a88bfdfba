// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

int sum(int count, ...);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::fn<sum>, 2, 1, 2);
}
