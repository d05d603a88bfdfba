// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <list>
#include <span>

int total(std::span<const int> numbers);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::fn<total>, std::list<int>{1, 2});
}
