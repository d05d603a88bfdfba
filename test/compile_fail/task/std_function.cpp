// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <functional>

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, std::function<int(int)>(), 1);
}
