// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <tuple>

double slow_add(double a, double b, double seconds);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call_spread(out, in, procpool::fn<slow_add>, std::tuple(1, 2));
}
