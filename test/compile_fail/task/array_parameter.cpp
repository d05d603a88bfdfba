// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <vector>

int total(const int (&numbers)[3]);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::fn<total>, std::vector<int>{});
}
