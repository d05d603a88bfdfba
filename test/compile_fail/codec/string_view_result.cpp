// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <string_view>

std::string_view receive(procpool::decoder& in) {
    return in.read<std::string_view>();
}
