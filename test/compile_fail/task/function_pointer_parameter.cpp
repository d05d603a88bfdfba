// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

int apply(int (*function)(int), int n);
int twice(int n);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::fn<apply>, twice, 1);
}
