// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

int square(int n);

void send(procpool::pool& pool) {
    pool.map(square, {1, 2, 3});
}
