// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "lifecycle/late_items.hpp"

#include "support/scheduler_steps.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using procpool::pooling::late_items;
using procpool::pooling::orders;
using procpool::scheduling::time_limit;
using procpool::scheduling::work;
using procpool::test::scheduler_steps;

namespace {

constexpr std::chrono::nanoseconds grace = 100ms;

/// The part of a link that `late_items` uses.
struct fake_link {
    struct taken {
        std::vector<work> what;
        std::uint32_t frames = 0;
    };

    std::optional<time_limit::item> running{};
    std::vector<work> unclaimed{};
    bool has_unread = false;
    bool is_marked_for_kill = false;
    bool has_timed_out = false;
    time_limit limits{};

    bool watched() const {
        return limits.next_look() || (running && running->timeout > std::chrono::nanoseconds::zero());
    }
    time_limit& limit() { return limits; }
    std::optional<time_limit::item> current() const { return running; }
    void current_timed_out() { has_timed_out = true; }
    bool anything_unread() const { return has_unread; }
    void mark_for_kill() { is_marked_for_kill = true; }
    bool marked_for_kill() const { return is_marked_for_kill; }
    std::size_t frames() const { return unclaimed.size() + 1; }
    template <class Wanted>
    taken take_back_if_unclaimed(Wanted) {
        const auto count = static_cast<std::uint32_t>(unclaimed.size());
        return {std::exchange(unclaimed, {}), count};
    }
};

/// Two workers, each of which runs a task of its own, and a clock that the test sets.
struct two_workers {
    scheduler_steps scheduler{2};
    unsigned woken = 0;
    orders all{[this] {
        ++woken;
    }};
    std::vector<fake_link> links{2};
    late_items late{scheduler, all, grace};

    two_workers() {
        all.grow_to(2);
        scheduler.submit(1);
        scheduler.submit(2);
        scheduler.all_next();
    }

    static late_items::time at(std::chrono::nanoseconds since_start) {
        return late_items::time(1h + since_start);
    }
    static time_limit::item item(std::uint64_t id, std::chrono::nanoseconds timeout) {
        return {id, timeout, at(0s)};
    }
    bool watch(std::chrono::nanoseconds now) { return late.watch(links, at(now)); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(items_by_the_clock, two_workers)

BOOST_AUTO_TEST_CASE(the_clock_is_needed_only_after_the_first_limit) {
    BOOST_TEST(!late.watching());
    late.begin_watching();
    BOOST_TEST(late.watching());
}

BOOST_AUTO_TEST_CASE(items_without_a_limit_set_no_clock) {
    links[0].running = item(7, 0s);
    BOOST_TEST(!watch(10h));
    BOOST_TEST(!late.next_look().has_value());
    BOOST_TEST(woken == 0u);
}

BOOST_AUTO_TEST_CASE(the_clock_is_set_to_the_earliest_limit) {
    links[0].running = item(7, 5s);
    links[1].running = item(8, 3s);
    watch(0s);
    BOOST_TEST((late.next_look() == at(3s)));
    BOOST_TEST(all.given().set_clock);
}

BOOST_AUTO_TEST_CASE(a_later_limit_does_not_set_the_clock_again) {
    links[0].running = item(7, 3s);
    watch(0s);
    all.given().set_clock = false;
    links[1].running = item(8, 5s);
    watch(1s);
    BOOST_TEST((late.next_look() == at(3s)));
    BOOST_TEST(!all.given().set_clock);
}

BOOST_AUTO_TEST_CASE(after_it_has_expired_the_clock_is_set_for_the_next_limit) {
    links[0].running = item(7, 3s);
    links[1].running = item(8, 5s);
    watch(0s);
    late.expired();
    links[0].running.reset();
    watch(3s);
    BOOST_TEST((late.next_look() == at(5s)));
}

BOOST_AUTO_TEST_CASE(a_late_item_is_asked_to_stop_once) {
    links[1].running = item(8, 3s);
    watch(3s - 1ns);
    BOOST_TEST(all.given(1).stop_item == 0u);
    BOOST_TEST(!watch(3s));
    BOOST_TEST(all.take(1).stop_item == 8u);
    BOOST_TEST(links[1].has_timed_out);
    late.expired();
    watch(3s + grace / 2);
    BOOST_TEST(all.take(1).stop_item == 0u);
    BOOST_TEST((late.next_look() == at(3s + grace)));
}

BOOST_AUTO_TEST_CASE(an_item_that_does_not_stop_within_the_grace_has_its_worker_killed) {
    links[1].running = item(8, 3s);
    watch(3s);
    watch(3s + grace - 1ns);
    BOOST_TEST(!all.given(1).kill);
    BOOST_TEST(!watch(3s + grace)); // nothing was taken back
    BOOST_TEST(all.given(1).kill);
    BOOST_TEST(links[1].is_marked_for_kill);
    BOOST_TEST(!all.given(0).kill);
}

BOOST_AUTO_TEST_CASE(a_worker_is_ordered_to_be_killed_once) {
    links[1].running = item(8, 3s);
    watch(3s);
    watch(3s + grace);
    static_cast<void>(all.take(1));
    links[1].unclaimed = {{9, 0, 1}};
    BOOST_TEST(!watch(4s));
    BOOST_TEST(!all.given(1).kill);
    BOOST_TEST(links[1].unclaimed.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_a_killed_worker_has_not_claimed_goes_to_others) {
    scheduler.submit(3);
    scheduler.all_next();
    links[0].running = item(7, 3s);
    links[0].unclaimed = {{3, 0, 1}};
    watch(3s);
    BOOST_TEST(links[0].unclaimed.size() == 1u); // the item may stop in time
    BOOST_TEST(watch(3s + grace));
    BOOST_TEST(scheduler.backlog() == 1u);
    scheduler.finish(1);
    BOOST_TEST(scheduler.next() == "give 3[0,1) to 1");
}

BOOST_AUTO_TEST_CASE(a_worker_with_an_unread_outcome_is_looked_at_again_instead_of_being_killed) {
    links[1].running = item(8, 3s);
    watch(3s);
    late.expired();
    links[1].has_unread = true;
    BOOST_TEST(!watch(3s + grace));
    BOOST_TEST(!all.given(1).kill);
    BOOST_TEST(!links[1].is_marked_for_kill);
    BOOST_TEST((late.next_look() == at(3s + grace)));
    // The outcome was read, and the worker runs another item.
    links[1].has_unread = false;
    links[1].limits.settled();
    links[1].running = item(9, 10s);
    late.expired();
    watch(3s + grace);
    BOOST_TEST(!all.given(1).kill);
    BOOST_TEST((late.next_look() == at(10s)));
}

BOOST_AUTO_TEST_CASE(a_cancelled_item_has_its_worker_killed_after_the_grace) {
    links[0].running = item(7, 0s);
    links[0].limits.asked(7, at(1s), grace);
    watch(1s);
    BOOST_TEST((late.next_look() == at(1s + grace)));
    watch(1s + grace);
    BOOST_TEST(all.given(0).kill);
}

BOOST_AUTO_TEST_CASE(a_check_of_held_back_work_is_planned_once) {
    late.plan_check(at(0s));
    BOOST_TEST(late.check_planned());
    BOOST_TEST((late.next_look() == at(late_items::held_back_at_most)));
    late.expired();
    late.plan_check(at(1s));
    BOOST_TEST(!late.next_look().has_value());
    late.forget_check();
    late.plan_check(at(1s));
    BOOST_TEST((late.next_look() == at(1s + late_items::held_back_at_most)));
}

BOOST_AUTO_TEST_CASE(a_check_of_held_back_work_does_not_delay_a_limit) {
    links[0].running = item(7, 500us);
    watch(0s);
    late.plan_check(at(0s));
    BOOST_TEST((late.next_look() == at(500us)));
}

BOOST_AUTO_TEST_SUITE_END()
