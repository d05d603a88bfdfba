// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <vector>

void sort(std::vector<int>& numbers);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::fn<sort>, std::vector<int>{2, 1});
}
