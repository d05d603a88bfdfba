// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

int twice(int n);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, &twice, 2);
}
