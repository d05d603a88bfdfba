// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

bool read(procpool::result_stream<void>& stream) {
    return stream.next(5);
}
