// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

struct settings {
    int size;
};

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, settings{1}, 1);
}
