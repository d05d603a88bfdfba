// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Nothing: the headers that test/CMakeLists.txt names are all that this compiles.
