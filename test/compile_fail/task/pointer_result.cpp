// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

const char* name(int n);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::fn<name>, 1);
}
