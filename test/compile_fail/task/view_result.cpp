// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <string_view>

std::string_view name(std::string_view text);

void wrong(procpool::encoder& out, procpool::decoder& in) {
    call(out, in, procpool::fn<name>, "text");
}
