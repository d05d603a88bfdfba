// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/codec/views.hpp>

#include <span>
#include <string>

void send(procpool::encoder& out, std::span<const std::string> value) {
    procpool::detail::view_codec<std::span<const std::string>>::encode(out, value);
}
