// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <span>
#include <string>
#include <vector>

int total(std::span<const std::string> texts);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::fn<total>, std::vector<std::string>{});
}
