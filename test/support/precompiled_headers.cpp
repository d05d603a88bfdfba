// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Nothing: the headers that test/kinds_of_tests.cmake names are all that this compiles.
