// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

int area(int width, int height);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::fn<area>, 1, 2, 3);
}
