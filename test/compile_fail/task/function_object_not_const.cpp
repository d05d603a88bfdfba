// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

struct twice {
    int operator()(int n) { return 2 * n; }
};

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, twice{}, 2);
}
