// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "lifecycle/worker_starts.hpp"

#include "error/failure_texts.hpp"
#include "support/scheduler_steps.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>

using procpool::pooling::orders;
using procpool::pooling::worker_starts;
using procpool::scheduling::scheduler;
using procpool::test::text_of;

namespace {

/// A pool of two workers, none of which has a process yet.
struct two_workers {
    scheduler decides{2};
    unsigned woken = 0;
    orders all{[this] {
        ++woken;
    }};
    worker_starts starts{decides, all};

    two_workers() {
        all.grow_to(2);
        starts.grow_to(2);
    }

    std::string next() { return text_of(decides.next()); }
    void start_both() {
        for (auto what = next(); what != "none"; what = next()) {
        }
        starts.ready(0);
        starts.ready(1);
        BOOST_TEST_REQUIRE(starts.finish_first_start());
    }
    void end(std::size_t place, std::string why_not_ready, bool during_task = false) {
        starts.ended(place, {"process 4711 exited", why_not_ready, during_task}, {});
    }
};

std::exception_ptr error(const char* what) {
    return std::make_exception_ptr(std::runtime_error(what));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(starts_of_workers, two_workers)

BOOST_AUTO_TEST_CASE(the_first_start_is_over_when_all_workers_are_ready) {
    next();
    next();
    BOOST_TEST(!starts.first_start_is_over(2));
    starts.ready(1);
    BOOST_TEST(!starts.first_start_is_over(2));
    starts.ready(0);
    BOOST_TEST(starts.first_start_is_over(2));
    BOOST_TEST(!starts.pool_in_use());
    BOOST_TEST(starts.finish_first_start());
    BOOST_TEST(starts.pool_in_use());
}

BOOST_AUTO_TEST_CASE(the_first_start_is_over_when_one_has_failed) {
    next();
    next();
    starts.failed(1, "there are no descriptors");
    BOOST_TEST(starts.first_start_is_over(2));
    BOOST_TEST(!starts.finish_first_start());
    BOOST_TEST(!starts.pool_in_use());
    BOOST_TEST(starts.failure() ==
               "Worker 1 could not be started: no process could be started: there are no descriptors.");
}

BOOST_AUTO_TEST_CASE(of_a_first_start_the_first_failure_is_the_reason) {
    next();
    next();
    starts.failed(1, "first");
    starts.failed(0, "second");
    BOOST_TEST(starts.failure() == "Worker 1 could not be started: no process could be started: first.");
}

BOOST_AUTO_TEST_CASE(of_a_pool_in_use_the_last_failure_is_the_reason) {
    start_both();
    end(0, "its initializer failed: first");
    end(1, "its initializer failed: second");
    BOOST_TEST(starts.failure() ==
               "Worker 1 could not be started: process 4711 exited: its initializer failed: second.");
}

BOOST_AUTO_TEST_CASE(a_worker_that_ended_is_replaced) {
    start_both();
    end(0, "", true);
    BOOST_TEST(next() == "start 0");
    BOOST_TEST(starts.is_needed(0));
}

BOOST_AUTO_TEST_CASE(a_start_that_fails_again_and_again_is_given_up) {
    start_both();
    end(0, "", true);
    for (unsigned attempt = 0; attempt != scheduler::start_attempts; ++attempt) {
        BOOST_TEST(next() == "start 0");
        BOOST_TEST(!decides.worker_given_up(0));
        starts.failed(0, "there is no memory");
    }
    next();
    BOOST_TEST(decides.worker_given_up(0));
    BOOST_TEST(!decides.worker_given_up(1));
}

BOOST_AUTO_TEST_CASE(processes_that_end_before_they_are_ready_are_failed_starts) {
    start_both();
    for (unsigned attempt = 0; attempt != scheduler::start_attempts; ++attempt) {
        end(0, "it did not say hello", true);
        next();
    }
    BOOST_TEST(decides.worker_given_up(0));
}

BOOST_AUTO_TEST_CASE(processes_that_end_without_running_a_task_are_failed_starts) {
    start_both();
    for (unsigned attempt = 0; attempt != scheduler::start_attempts; ++attempt) {
        end(0, "");
        if (next() == "start 0")
            starts.ready(0);
    }
    BOOST_TEST(decides.worker_given_up(0));
    BOOST_TEST(starts.failure() == "Worker 0 could not be started: process 4711 exited without running a "
                                   "task, like others before it.");
}

BOOST_AUTO_TEST_CASE(processes_that_end_during_a_task_are_replaced_for_ever) {
    start_both();
    for (unsigned death = 0; death != 10 * scheduler::start_attempts; ++death) {
        end(0, "", true);
        BOOST_TEST(next() == "start 0");
        starts.ready(0);
    }
    BOOST_TEST(!decides.worker_given_up(0));
}

BOOST_AUTO_TEST_CASE(a_success_in_between_allows_all_attempts_again) {
    start_both();
    end(0, "", true);
    for (unsigned round = 0; round != 3; ++round) {
        for (unsigned attempt = 1; attempt != scheduler::start_attempts; ++attempt) {
            next();
            starts.failed(0, "there is no memory");
        }
        BOOST_TEST(next() == "start 0");
        starts.ready(0);
        end(0, "", true);
    }
    BOOST_TEST(!decides.worker_given_up(0));
}

BOOST_AUTO_TEST_CASE(items_that_were_not_started_go_back_to_the_scheduler) {
    start_both();
    decides.make_room(1);
    decides.submitted({7, 0, 2});
    BOOST_TEST(next() == "give 7[0,2) to 0");
    starts.ended(0, {"process 4711 exited", "", true}, {{7, 1, 1}});
    BOOST_TEST(next() == "give 7[1,2) to 1");
}

BOOST_AUTO_TEST_CASE(a_process_that_is_not_needed_any_more_is_no_failed_start) {
    BOOST_TEST(next() == "start 0");
    BOOST_TEST(next() == "start 1");
    BOOST_TEST(starts.is_needed(1));
    decides.close();
    BOOST_TEST(next() == "abandon 0");
    BOOST_TEST(next() == "abandon 1");
    BOOST_TEST(!starts.is_needed(1));
    starts.not_needed(0);
    starts.not_needed(1);
    BOOST_TEST(next() == "none");
    BOOST_TEST(decides.ended());
    BOOST_TEST(starts.failure().empty());
}

BOOST_AUTO_TEST_CASE(processes_are_counted_for_each_worker) {
    BOOST_TEST(starts.next_generation(3) == 0u);
    BOOST_TEST(starts.next_generation(0) == 0u);
    BOOST_TEST(starts.next_generation(3) == 1u);
    BOOST_TEST(starts.next_generation(0) == 1u);
}

BOOST_AUTO_TEST_CASE(the_outcome_of_an_initializer_is_ordered) {
    starts.hook_given();
    BOOST_TEST(starts.any_hook_runs());
    starts.initializer_ended(1, starts.ended_at(1), error("why"));
    BOOST_TEST(!starts.any_hook_runs());
    BOOST_TEST(woken == 1u);
    const auto order = all.take(1);
    BOOST_TEST(order.initialized);
    BOOST_TEST(procpool::detail::initializer_failed_text(order.initializer_error) ==
               "its initializer failed: why");
}

BOOST_AUTO_TEST_CASE(the_outcome_of_an_initializer_whose_process_is_gone_is_ignored) {
    start_both();
    const auto before = starts.ended_at(1);
    starts.hook_given();
    end(1, "its initializer failed: why");
    starts.initializer_ended(1, before, error("why"));
    BOOST_TEST(!starts.any_hook_runs());
    BOOST_TEST(woken == 0u);
    BOOST_TEST(!all.take(1).initialized);
}

BOOST_AUTO_TEST_CASE(an_initializer_that_throws_no_std_exception_gives_no_reason) {
    BOOST_TEST(procpool::detail::initializer_failed_text(std::make_exception_ptr(7)).empty());
}

BOOST_AUTO_TEST_CASE(growing_keeps_what_is_counted) {
    start_both();
    end(1, "", true);
    starts.grow_to(5);
    starts.grow_to(1);
    BOOST_TEST(starts.ended_at(1) == 1u);
    BOOST_TEST(starts.ended_at(4) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
