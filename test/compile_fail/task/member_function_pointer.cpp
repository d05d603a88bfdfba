// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

struct widget {
    int size;
    int area() const { return size * size; }
};

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, &widget::area, widget{2});
}
