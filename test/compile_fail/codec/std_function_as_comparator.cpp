// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <functional>
#include <set>

struct holder {
    std::set<int, std::function<bool(int, int)>> numbers;
};

void send(procpool::encoder& out, const holder& value) {
    out.write(value);
}
