// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "../task/call.hpp"

using namespace procpool::literals;

int twice(int n);

constexpr auto task = procpool::keywords<twice>(""_arg);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, task, 2);
}
