// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/shared_array.hpp>

const procpool::shared_array<int*> addresses(10);
