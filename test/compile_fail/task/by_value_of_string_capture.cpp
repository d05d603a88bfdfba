// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <string>

void wrong(procpool::encoder& out, procpool::decoder& in, const std::string& text) {
    call(out, in, procpool::by_value([text](int n) { return text.substr(0, std::size_t(n)); }), 2);
}
