// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

void load(int n);

const procpool::pool_options options{.processes = 2, .initializer = procpool::fn<load>};
