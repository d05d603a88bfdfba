// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/shared_array.hpp>

#include <string>

const procpool::shared_array<std::string> names(10);
