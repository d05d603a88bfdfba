// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_VERSION_HPP
#define PROCPOOL_VERSION_HPP

// The version is defined only here; CMake reads it from this file.
#define PROCPOOL_VERSION_MAJOR 0
#define PROCPOOL_VERSION_MINOR 1
#define PROCPOOL_VERSION_PATCH 0

#endif
