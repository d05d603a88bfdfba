// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/same_names.hpp"

#include <procpool/fn.hpp>

// The counterparts of same_names.cpp.

namespace {

int work(int n) {
    return n + 2;
}

struct object {
    int operator()(int n) const { return n + 2; }
};

int call_lambda(procpool::pool& workers) {
    return workers.apply([](int n) { return n + 2; }, 10);
}

int call_reducer(procpool::pool& workers) {
    return workers.map_reduce([](int n) { return n; }, {10}, [](int a, int b) { return a + b + 2; }, 0);
}

} // namespace

static int static_work(int n) {
    return n + 2;
}

static int call_lambda_in_static_function(procpool::pool& workers) {
    return workers.apply([](int n) { return n + 2; }, 10);
}

namespace procpool::test {

same_names call_counterparts(pool& workers) {
    return {.anonymous_function = workers.apply(procpool::fn<work>, 10),
            .anonymous_lambda = call_lambda(workers),
            .anonymous_object = workers.apply(object{}, 10),
            .anonymous_reducer = call_reducer(workers),
            .static_function = workers.apply(procpool::fn<static_work>, 10),
            .lambda_in_static_function = call_lambda_in_static_function(workers)};
}

} // namespace procpool::test
