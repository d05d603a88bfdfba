// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

struct scale {
    const double* factor;
    double operator()(double x) const { return *factor * x; }
};

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, scale{nullptr}, 2.0);
}
