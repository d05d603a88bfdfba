// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

double slow_add(double a, double b, double seconds);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::fn<slow_add>, 1.0, 2.0);
}
