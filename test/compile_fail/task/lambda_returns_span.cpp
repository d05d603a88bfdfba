// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <span>
#include <vector>

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(
        out, in, [](std::span<const int> all) { return all.first(1); }, std::vector<int>{1});
}
