// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include <mutex>
#include <string>

struct guarded {
    std::string text;
    std::mutex mutex;
};

void send(procpool::encoder& out, const guarded& value) {
    out.write(value);
}
