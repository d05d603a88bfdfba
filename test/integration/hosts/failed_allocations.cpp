// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/failure_walk.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/error.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <exception>
#include <future>
#include <new>
#include <vector>

// Every allocation of every member fails once.
using namespace procpool::test;

namespace {

/// A failed allocation may be reported as one of these errors.
const char* what_is_wrong(const std::exception_ptr& why) noexcept {
    try {
        std::rethrow_exception(why);
    } catch (const wrong_value& wrong) {
        return wrong.what();
    } catch (const std::bad_alloc&) {
    } catch (const procpool::start_failed&) {
    } catch (const procpool::codec_error&) {
    } catch (const procpool::worker_lost&) {
    } catch (const procpool::remote_error&) { // of an exception that could not be decoded as its own type
    } catch (const std::future_error&) {      // of a handler that could not be kept
    } catch (const std::exception& other) {
        static char text[300];
        std::snprintf(text, sizeof text, "an exception of another kind: %s", other.what());
        return text;
    }
    return nullptr;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_failed_allocation_in_the_callers_thread_fails_one_call) {
    walk_in_callers_thread(what_is_wrong);
}

BOOST_AUTO_TEST_CASE(a_failed_allocation_in_the_pools_threads_fails_one_call) {
    walk_in_pools_threads(what_is_wrong);
}

BOOST_AUTO_TEST_CASE(a_failed_allocation_in_a_worker_fails_one_call) {
    walk_in_a_worker(what_is_wrong);
}

BOOST_AUTO_TEST_CASE(a_failed_allocation_while_a_worker_starts_fails_its_pool) {
    walk_in_a_worker_that_starts(what_is_wrong);
}

// The account of a worker's frames grows with their number; a worker for which it had no room has room again
// after all of them were taken back.
BOOST_AUTO_TEST_CASE(a_failed_allocation_beside_a_worker_that_begins_nothing_fails_one_call) {
    const nothing_left_behind after;
    procpool::pool pool(1);
    const auto worker = pool.workers().front().pid.value();
    const std::vector<int> numbers(400, 41);
    for (unsigned k = 1;; ++k) {
        stop_process(worker);
        failures::fail_here(k);
        try {
            pool.imap(procpool::fn<plus_one>, numbers, {.max_in_flight = 100}); // and dropped before its end
        } catch (const std::bad_alloc&) {
        }
        const bool hit = failures::disarm();
        continue_process(worker);
        BOOST_TEST(pool.apply(procpool::fn<plus_one>, 1) == 2);
        if (!hit)
            break;
    }
}

int main(int argc, char** argv) {
    make_environment_short();
    failure_at_start::take();
    return pool_main(argc, argv);
}
