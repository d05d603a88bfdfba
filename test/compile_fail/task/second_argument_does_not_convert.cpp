// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <string>

int repeat(int times, const std::string& text);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::fn<repeat>, 2, 42);
}
