// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <functional>
#include <vector>

void send(procpool::encoder& out, const std::vector<std::reference_wrapper<int>>& value) {
    out.write(value);
}
