// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <functional>
#include <string>

struct rule {
    std::string name;
    std::function<int(int)> use;
};

void send(procpool::encoder& out, const rule& value) {
    out.write(value);
}
