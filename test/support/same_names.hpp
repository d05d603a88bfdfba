// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SAME_NAMES_HPP
#define PROCPOOL_TEST_SAME_NAMES_HPP

#include <procpool/pool.hpp>

// Two source files have functions, lambdas and classes of the same names and signatures, as tasks. Those of
// integration/pool/same_names.cpp add 1 to their argument, those of its counterpart add 2.
namespace procpool::test {

/// What each task of one file returned for 10.
struct same_names {
    int anonymous_function;
    int anonymous_lambda;
    int anonymous_object;
    int anonymous_reducer;
    int static_function;
    int lambda_in_static_function;
};

same_names call_counterparts(pool& workers);

} // namespace procpool::test

#endif
