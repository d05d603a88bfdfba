// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

struct holder {
    int& value;
};

void send(procpool::encoder& out, const holder& value) {
    out.write(value);
}
