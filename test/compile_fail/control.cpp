// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>
#include <procpool/detail/codec/views.hpp>

#include <memory>
#include <span>
#include <string>
#include <vector>

struct part {
    std::vector<double> weights;
    std::unique_ptr<part> next;
};

struct whole {
    int number;
    std::string name;
    std::vector<part> parts;
};

whole there_and_back(procpool::encoder& out, procpool::decoder& in, const whole& value,
                     std::span<const double> view) {
    out.write(value);
    procpool::detail::view_codec<std::span<const double>>::encode(out, view);
    return in.read<whole>();
}
