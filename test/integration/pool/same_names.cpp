// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/same_names.hpp"

#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <stdexcept>
#include <string>

// Tasks that have the same name in two files, and tasks that have the same code.

// Each in a section of its own, so that the linker can fold them.
namespace same_code {

inline int halve(int n) {
    return n / 2;
}
inline int halve_again(int n) {
    return n / 2;
}
inline int divide(int n) {
    return n == 0 ? throw std::domain_error("zero") : 100 / n;
}
inline int divide_again(int n) {
    return n == 0 ? throw std::domain_error("zero") : 100 / n;
}

} // namespace same_code

namespace {

int work(int n) {
    return n + 1;
}

struct object {
    int operator()(int n) const { return n + 1; }
};

int call_lambda(procpool::pool& workers) {
    return workers.apply([](int n) { return n + 1; }, 10);
}

int call_reducer(procpool::pool& workers) {
    return workers.map_reduce([](int n) { return n; }, {10}, [](int a, int b) { return a + b + 1; }, 0);
}

} // namespace

static int static_work(int n) {
    return n + 1;
}

static int call_lambda_in_static_function(procpool::pool& workers) {
    return workers.apply([](int n) { return n + 1; }, 10);
}

namespace {

procpool::test::same_names call_tasks(procpool::pool& workers) {
    return {.anonymous_function = workers.apply(procpool::fn<work>, 10),
            .anonymous_lambda = call_lambda(workers),
            .anonymous_object = workers.apply(object{}, 10),
            .anonymous_reducer = call_reducer(workers),
            .static_function = workers.apply(procpool::fn<static_work>, 10),
            .lambda_in_static_function = call_lambda_in_static_function(workers)};
}

template <auto Task>
std::string task_that_fails(procpool::pool& workers) {
    try {
        static_cast<void>(workers.apply(procpool::fn<Task>, 0));
    } catch (const std::domain_error& error) {
        return procpool::get_remote_info(error)->task_name;
    }
    return "";
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(same_names, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(tasks_in_anonymous_namespaces_of_two_files_are_two_tasks) {
    procpool::pool pool(2);
    const auto here = call_tasks(pool);
    const auto there = procpool::test::call_counterparts(pool);
    BOOST_TEST(here.anonymous_function == 11);
    BOOST_TEST(there.anonymous_function == 12);
    BOOST_TEST(here.anonymous_lambda == 11);
    BOOST_TEST(there.anonymous_lambda == 12);
    BOOST_TEST(here.anonymous_object == 11);
    BOOST_TEST(there.anonymous_object == 12);
    BOOST_TEST(here.anonymous_reducer == 11);
    BOOST_TEST(there.anonymous_reducer == 12);
}

// MSVC may give both files' templates over such functions one name, of which the linker keeps one. It is not promised
// that they differ there (docs/portability.md).
#if defined(_MSC_VER)
#define PROCPOOL_TEST_STATIC(condition) BOOST_WARN(condition)
#else
#define PROCPOOL_TEST_STATIC(condition) BOOST_TEST((condition))
#endif

BOOST_AUTO_TEST_CASE(static_functions_of_two_files_are_two_tasks) {
    procpool::pool pool(2);
    const auto here = call_tasks(pool);
    const auto there = procpool::test::call_counterparts(pool);
    PROCPOOL_TEST_STATIC(here.static_function == 11);
    PROCPOOL_TEST_STATIC(there.static_function == 12);
    PROCPOOL_TEST_STATIC(here.lambda_in_static_function == 11);
    PROCPOOL_TEST_STATIC(there.lambda_in_static_function == 12);
}

BOOST_AUTO_TEST_CASE(tasks_of_the_same_code_keep_their_names) {
    procpool::pool pool(2);
    BOOST_TEST(pool.apply(procpool::fn<same_code::halve>, 6) == 3);
    BOOST_TEST(pool.apply(procpool::fn<same_code::halve_again>, 8) == 4);
    BOOST_TEST(task_that_fails<same_code::divide>(pool) == "same_code::divide");
    BOOST_TEST(task_that_fails<same_code::divide_again>(pool) == "same_code::divide_again");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
