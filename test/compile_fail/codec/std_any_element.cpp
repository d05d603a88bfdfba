// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <any>
#include <vector>

void send(procpool::encoder& out, const std::vector<std::any>& value) {
    out.write(value);
}
