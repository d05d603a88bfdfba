// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "../task/call.hpp"

using namespace procpool::literals;

double slow_add(double a, double b, double seconds);

constexpr auto add = procpool::keywords<slow_add>("a"_arg, "b"_arg, "seconds"_arg = 0.1);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, add, 1, 2, 3, 4);
}
