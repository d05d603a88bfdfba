// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "../task/call.hpp"

using namespace procpool::literals;

struct widget {
    int size;
    int area() const { return size * size; }
};

constexpr auto area = procpool::keywords<&widget::area>("self"_arg);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, area, widget{2});
}
