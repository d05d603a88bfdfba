// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <map>

using table = std::map<int, int, bool (*)(int, int)>;

void send(procpool::encoder& out, const table& value) {
    out.write(value);
}
