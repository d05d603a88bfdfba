// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <memory>
#include <vector>

struct shape {
    virtual ~shape();
    virtual double area() const = 0;
};

struct drawing {
    std::vector<std::unique_ptr<shape>> shapes;
};

void send(procpool::encoder& out, const drawing& value) {
    out.write(value);
}
