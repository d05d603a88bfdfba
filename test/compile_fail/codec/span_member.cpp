// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <span>

struct picture {
    int width;
    std::span<const float> pixels;
};

void send(procpool::encoder& out, const picture& value) {
    out.write(value);
}
