// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <unordered_map>

struct seeded_hash {
    std::size_t seed = 0;
    std::size_t operator()(int n) const;
};
using table = std::unordered_map<int, int, seeded_hash>;

void send(procpool::encoder& out, const table& value) {
    out.write(value);
}
