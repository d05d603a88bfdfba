// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

int add(int a, int b);

void send(procpool::pool& pool) {
    pool.map(procpool::fn<add>, {1, 2, 3});
}
