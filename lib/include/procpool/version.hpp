// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_VERSION_HPP
#define PROCPOOL_VERSION_HPP

// The only place where the version stands; CMake reads it from here.
#define PROCPOOL_VERSION_MAJOR 0
#define PROCPOOL_VERSION_MINOR 1
#define PROCPOOL_VERSION_PATCH 0

#endif
