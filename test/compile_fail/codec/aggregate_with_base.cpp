// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <string>

struct base {
    std::string name;
};

struct derived : base {
    std::string text;
};

void send(procpool::encoder& out, const derived& value) {
    out.write(value);
}
