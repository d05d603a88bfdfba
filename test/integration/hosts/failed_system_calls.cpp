// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/failure_walk.hpp"
#include "support/pool_main.hpp"

#include <procpool/error.hpp>

#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <exception>
#include <new>

// The program runs in one of three modes, which the environment sets (support/failures.hpp). Every system call of
// every member that can be refused is refused once; or the call and all later calls are refused until the member
// has returned; or every system call that a signal can interrupt is interrupted once.
using namespace procpool::test;

namespace {

/// A refused system call may be reported as one of these errors. An interrupted system call must not be noticed.
const char* what_is_wrong(const std::exception_ptr& why) noexcept {
    const auto text_of = [](const char* what, const std::exception& each) {
        static char text[300];
        std::snprintf(text, sizeof text, "%s: %s", what, each.what());
        return text;
    };
    try {
        std::rethrow_exception(why);
    } catch (const wrong_value& wrong) {
        return wrong.what();
    } catch (const std::exception& each) {
        if (failures::are_interruptions())
            return text_of("it was interrupted, and failed", each);
        if (dynamic_cast<const std::bad_alloc*>(&each) != nullptr ||
            dynamic_cast<const boost::system::system_error*>(&each) != nullptr ||
            dynamic_cast<const procpool::start_failed*>(&each) != nullptr ||
            dynamic_cast<const procpool::worker_lost*>(&each) != nullptr ||
            dynamic_cast<const procpool::codec_error*>(&each) != nullptr)
            return nullptr;
        return text_of("an exception of another kind", each);
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(a_failed_system_call_in_the_callers_thread_fails_one_call) {
    walk_in_callers_thread(what_is_wrong);
}

BOOST_AUTO_TEST_CASE(a_failed_system_call_in_the_pools_threads_fails_one_call) {
    walk_in_pools_threads(what_is_wrong);
}

BOOST_AUTO_TEST_CASE(a_failed_system_call_in_a_worker_fails_one_call) {
    walk_in_a_worker(what_is_wrong);
}

BOOST_AUTO_TEST_CASE(a_failed_system_call_while_a_worker_starts_fails_its_pool) {
    walk_in_a_worker_that_starts(what_is_wrong);
}

int main(int argc, char** argv) {
    make_environment_short();
    failure_at_start::take();
    return pool_main(argc, argv);
}
