// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/task.hpp>

int square(int n);

const auto bound = procpool::bind(procpool::fn<square>, 3);
