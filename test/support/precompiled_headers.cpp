// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Empty: this file only compiles the headers that test/kinds_of_tests.cmake names.
