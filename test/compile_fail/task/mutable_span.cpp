// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <span>

void fill(std::span<int> numbers);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::fn<fill>, std::span<int>{});
}
