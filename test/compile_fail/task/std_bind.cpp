// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <functional>

int area(int width, int height);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, std::bind(area, 2, std::placeholders::_1), 1);
}
