// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

// A closure for a pool. Without optimisation, g++ 12 does not take every closure for trivially copyable.
double multiplied(procpool::pool& pool, double by) {
    return pool.apply(procpool::by_value([by](double x) { return by * x; }), 2.0);
}
