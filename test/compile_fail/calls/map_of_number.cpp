// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

void send(procpool::pool& pool) {
    pool.map(3, {1, 2, 3});
}
