// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "scheduler/idle_times.hpp"

#include "support/scheduler_steps.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>

using procpool::scheduling::idle_times;
using procpool::test::scheduler_steps;
using procpool::test::texts;
using namespace std::chrono_literals;

namespace {

/// Three workers that are ready, of which one must be, and the times at which they were idle.
struct watched : scheduler_steps {
    idle_times times{10s};
    idle_times::time start{};

    explicit watched(idle_times::duration limit = 10s) : scheduler_steps(3), times(limit) {
        set_minimum(1);
        times.grow_to(places());
    }
    bool look(idle_times::duration after) {
        return times.look(*this, start + std::chrono::duration_cast<idle_times::time::duration>(after));
    }
    bool looks_next_at(idle_times::duration after) const { return times.next_look() == start + after; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(idle_times_)

BOOST_AUTO_TEST_CASE(a_process_is_reported_after_its_limit_and_not_before) {
    watched w;
    BOOST_TEST(!w.look(0s));
    BOOST_TEST(w.looks_next_at(10s));
    BOOST_TEST(!w.look(9s));
    BOOST_TEST(w.all_next().empty());
    BOOST_TEST(w.look(10s));
    BOOST_TEST(w.all_next() == (texts{"stop 2", "stop 1"}), boost::test_tools::per_element());
    BOOST_TEST(!w.look(10s));
    BOOST_TEST(!w.times.next_look());
}

BOOST_AUTO_TEST_CASE(work_between_two_looks_counts) {
    watched w;
    w.look(0s);
    for (int call = 0; call != 3; ++call)
        w.submit(1);
    w.all_next();
    for (const std::size_t place : {0U, 1U, 2U})
        w.finish(place);
    BOOST_TEST(!w.look(9s));
    BOOST_TEST(w.looks_next_at(19s));
}

BOOST_AUTO_TEST_CASE(a_busy_process_is_not_idle) {
    watched w;
    w.submit(1);
    w.all_next();
    w.look(0s);
    w.look(10s);
    BOOST_TEST(w.all_next() == (texts{"stop 2", "stop 1"}), boost::test_tools::per_element());
    BOOST_TEST(!w.look(30s));
    BOOST_TEST(!w.times.next_look());
}

BOOST_AUTO_TEST_CASE(no_limit_overflows) {
    watched w(idle_times::duration::max());
    BOOST_TEST(!w.look(100h));
    BOOST_TEST(!w.look(200h));
    watched at_once(0s);
    BOOST_TEST(at_once.look(0s));
    BOOST_TEST(at_once.all_next() == (texts{"stop 2", "stop 1"}), boost::test_tools::per_element());
    BOOST_TEST(!at_once.look(0s));
}

BOOST_AUTO_TEST_SUITE_END()
