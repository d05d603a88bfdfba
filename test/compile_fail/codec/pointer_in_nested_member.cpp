// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <optional>
#include <vector>

struct inner {
    int length;
    const char* text;
};

struct outer {
    std::optional<inner> first;
};

void send(procpool::encoder& out, const std::vector<outer>& value) {
    out.write(value);
}
