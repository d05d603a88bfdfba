// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <map>

struct ordered_by {
    explicit ordered_by(int column);
    bool operator()(int a, int b) const;
};
using table = std::map<int, int, ordered_by>;

void send(procpool::encoder& out, const table& value) {
    out.write(value);
}
