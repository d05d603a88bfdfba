// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

void wrong(procpool::encoder& out, procpool::decoder& in, int k) {
    call(
        out, in, [k](int n) { return k * n; }, 2);
}
