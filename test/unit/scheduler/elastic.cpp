// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/scheduler_steps.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>

// Workers that have a process only while it is needed.
using procpool::scheduling::scheduler;
using procpool::test::text_of;
using procpool::test::texts;
using procpool::test::work;

namespace {

struct elastic_steps : procpool::test::scheduler_steps {
    /// `minimum` workers are ready.
    elastic_steps(std::size_t workers, std::size_t minimum,
                  std::optional<std::size_t> items_per_process = std::nullopt)
        : scheduler_steps(0, items_per_process) {
        scheduler::resize(workers);
        set_minimum(minimum);
        start_all();
    }
    /// Returns the decisions. Processes that are started are ready at once, and a worker gives back what it was
    /// given last.
    texts start_all() {
        texts out;
        for (auto a = scheduler::next(); a.kind != kind::none; a = scheduler::next()) {
            out.push_back(text_of(a));
            if (a.kind == kind::start)
                started(a.place);
            else if (a.kind == kind::give)
                last_given[a.place] = a.what;
            else if (a.kind == kind::take_back)
                reclaimed(a.place, {last_given[a.place]}, 1);
        }
        return out;
    }
    /// Occupies the workers that are there with one item each.
    void occupy(std::size_t workers) {
        for (std::size_t i = 0; i != workers; ++i) {
            submit(100 + i);
            start_all();
        }
    }

    using kind = procpool::scheduling::action_kind;
    std::map<std::size_t, work> last_given;
};

} // namespace

BOOST_AUTO_TEST_SUITE(elastic)

BOOST_AUTO_TEST_CASE(only_the_minimum_is_started) {
    scheduler s(3);
    s.set_minimum(2);
    for (const char* each : {"start 0", "start 1", "none"})
        BOOST_TEST(text_of(s.next()) == each);
    scheduler none(3);
    none.set_minimum(0);
    BOOST_TEST(text_of(none.next()) == "none");
}

BOOST_AUTO_TEST_CASE(a_worker_is_started_when_work_waits_and_none_is_idle) {
    elastic_steps s(3, 1);
    s.submit(1);
    BOOST_TEST(s.all_next() == texts{"give 1[0,1) to 0"}, boost::test_tools::per_element());
    s.submit(2);
    BOOST_TEST(s.all_next() == (texts{"give 2[0,1) to 0", "start 1"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_worker_is_started_while_one_is_idle) {
    elastic_steps s(3, 2);
    s.submit(1);
    s.submit(2);
    BOOST_TEST(s.all_next() == (texts{"give 1[0,1) to 0", "give 2[0,1) to 1"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_more_are_started_than_items_wait) {
    elastic_steps s(8, 0);
    s.submit(1, 2);
    BOOST_TEST(s.all_next() == (texts{"start 0", "start 1"}), boost::test_tools::per_element());
    s.submit(2);
    BOOST_TEST(s.all_next() == texts{"start 2"}, boost::test_tools::per_element());
    BOOST_TEST(s.all_next().empty());
}

BOOST_AUTO_TEST_CASE(no_more_are_started_than_there_may_be) {
    elastic_steps s(2, 0);
    for (int call = 0; call != 10; ++call)
        s.submit(1);
    BOOST_TEST(s.all_next() == (texts{"start 0", "start 1"}), boost::test_tools::per_element());
    s.started(0);
    s.started(1);
    for (const auto& each : s.all_next())
        BOOST_TEST(each.starts_with("give"), each);
}

BOOST_AUTO_TEST_CASE(what_a_new_worker_takes_is_what_waits_in_others) {
    elastic_steps s(2, 1);
    s.submit(1, 4);
    BOOST_TEST(s.all_next() == (texts{"give 1[0,4) to 0", "start 1"}), boost::test_tools::per_element());
    s.started(1);
    BOOST_TEST(s.next() == "take 2 from 0");
}

BOOST_AUTO_TEST_CASE(a_pinned_call_starts_its_worker_and_no_other) {
    elastic_steps s(4, 1);
    s.submit_pinned(1, 2, 0);
    s.submit_pinned(2, 2, 0);
    BOOST_TEST(s.all_next() == texts{"start 2"}, boost::test_tools::per_element());
    s.started(2);
    BOOST_TEST(s.next() == "give 1[0,1) to 2");
    BOOST_TEST(s.next() == "give 2[0,1) to 2");
}

BOOST_AUTO_TEST_CASE(an_idle_worker_above_the_minimum_ends) {
    elastic_steps s(3, 1);
    s.occupy(3);
    for (const std::size_t each : {0U, 1U, 2U})
        s.finish(each);
    BOOST_TEST(s.all_next().empty());
    BOOST_TEST(s.more_than_minimum());
    for (const std::size_t each : {0U, 1U, 2U})
        s.idle_too_long(each);
    BOOST_TEST(s.all_next() == (texts{"stop 2", "stop 1"}), boost::test_tools::per_element());
    BOOST_TEST(!s.more_than_minimum());
    s.died(1, {}, false);
    s.died(2, {}, false);
    BOOST_TEST(s.all_next().empty());
    BOOST_TEST(!s.worker_there(2));
}

BOOST_AUTO_TEST_CASE(a_worker_that_got_work_meanwhile_does_not_end) {
    elastic_steps s(2, 0);
    s.occupy(1);
    s.finish(0);
    s.idle_too_long(0);
    s.submit(1);
    BOOST_TEST(s.all_next() == texts{"give 1[0,1) to 0"}, boost::test_tools::per_element());
    s.finish(0);
    BOOST_TEST(s.all_next().empty());
    s.idle_too_long(0);
    BOOST_TEST(s.all_next() == texts{"stop 0"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_place_of_one_that_ended_is_used_again) {
    elastic_steps s(1, 0);
    s.occupy(1);
    s.finish(0);
    s.idle_too_long(0);
    BOOST_TEST(s.next() == "stop 0");
    s.submit(1);
    BOOST_TEST(s.all_next().empty()); // not before the old one is gone
    s.died(0, {}, false);
    BOOST_TEST(s.all_next() == texts{"start 0"}, boost::test_tools::per_element());
    s.started(0);
    BOOST_TEST(s.next() == "give 1[0,1) to 0");
}

BOOST_AUTO_TEST_CASE(a_worker_that_died_is_replaced_if_it_is_needed) {
    elastic_steps s(3, 1);
    s.occupy(2);
    s.died(1, {}, true);
    BOOST_TEST(s.all_next().empty());
    s.died(0, {{100, 0, 1}}, true);
    BOOST_TEST(s.all_next() == texts{"start 0"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(work_fails_when_one_worker_cannot_be_started_and_none_is_there) {
    elastic_steps s(64, 0);
    s.submit(1);
    for (unsigned attempt = 0; attempt != scheduler::start_attempts; ++attempt) {
        BOOST_TEST(s.next() == "start 0");
        s.died(0, {}, false);
    }
    BOOST_TEST(s.all_next() == texts{"give up 1[0,1)"}, boost::test_tools::per_element());
    s.submit(2);
    BOOST_TEST(s.all_next() == texts{"give up 2[0,1)"}, boost::test_tools::per_element());
    s.resize(64); // tries again
    s.submit(3);
    BOOST_TEST(s.all_next() == texts{"start 0"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_pool_without_processes_ends_at_once_and_one_with_work_does_it_first) {
    elastic_steps s(2, 0);
    s.close();
    BOOST_TEST(s.all_next().empty());
    BOOST_TEST(s.ended());
    elastic_steps busy(2, 0);
    busy.submit(1);
    busy.close();
    BOOST_TEST(busy.start_all() == (texts{"start 0", "give 1[0,1) to 0"}), boost::test_tools::per_element());
    busy.finish(0);
    BOOST_TEST(busy.all_next() == texts{"stop 0"}, boost::test_tools::per_element());
    busy.died(0, {}, false);
    BOOST_TEST(busy.ended());
}

BOOST_AUTO_TEST_CASE(a_smaller_number_lowers_the_minimum_and_a_larger_one_restores_it) {
    elastic_steps s(4, 3);
    s.resize(2);
    BOOST_TEST(s.all_next() == texts{"stop 2"}, boost::test_tools::per_element());
    s.died(2, {}, false);
    s.idle_too_long(1);
    BOOST_TEST(s.all_next().empty());
    s.resize(5);
    BOOST_TEST(s.all_next() == texts{"start 2"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_process_with_its_last_item_is_replaced_only_if_needed) {
    elastic_steps s(2, 0, 1);
    s.occupy(1);
    BOOST_TEST(s.all_next().empty());
    s.submit(1);
    BOOST_TEST(s.all_next() == texts{"start 1"}, boost::test_tools::per_element()); // its own next one
    elastic_steps always(2, 1, 1);
    always.submit(1);
    BOOST_TEST(always.all_next() == (texts{"give 1[0,1) to 0", "start 1"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
