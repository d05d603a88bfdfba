// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "pool/collector.hpp"

#include "support/fake_core.hpp"
#include "support/scheduler_steps.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace channel = procpool::channel;
using namespace std::chrono_literals;
using procpool::pooling::delivery;
using procpool::pooling::late_items;
using procpool::pooling::orders;
using procpool::pooling::worker_starts;
using procpool::test::scheduler_steps;

namespace {

/// The part of a link that the collector uses.
struct fake_link {
    channel::sleep parent = channel::sleep::awake;
    unsigned told = 0;
    bool has_something = false;

    void parent_sleeps(channel::sleep how) {
        parent = how;
        ++told;
    }
    void parent_woke() { parent_sleeps(channel::sleep::awake); }
};

struct fake_links : std::vector<fake_link*> {
    bool peek() const {
        return std::any_of(begin(), end(), [](const fake_link* each) { return each->has_something; });
    }
};

using collector = procpool::pooling::collector<fake_links>;
using bell = collector::bell;

/// Records the order in which its items get their outcomes.
class noting_job final : public procpool::detail::job {
  public:
    noting_job(procpool::detail::pool_core& core, std::vector<std::uint32_t>& order)
        : job(core)
        , order_(&order) {
        items = 100;
        unsettled = 100;
    }
    void succeeded(std::uint32_t first, std::uint32_t, std::span<const std::byte>, long) noexcept override {
        order_->push_back(first);
    }
    void failed(std::uint32_t first, std::uint32_t, const std::exception_ptr&) noexcept override {
        order_->push_back(first);
    }
    void settled() noexcept override {}
    std::string task_name() const override { return "task"; }

  private:
    std::vector<std::uint32_t>* order_;
};

/// A pool of two workers, which are ready and idle.
struct idle_pool {
    procpool::test::fake_core core;
    std::vector<std::uint32_t> delivered;
    noting_job job{core, delivered};
    scheduler_steps scheduler{2};
    orders all{[] {
    }};
    worker_starts starts{scheduler, all};
    late_items late{scheduler, all, 1s};
    std::array<fake_link, 2> workers{};
    fake_links links{{&workers[0], &workers[1]}};
    std::atomic<bool> terminated{false};
    collector collects{{links, scheduler, starts, late, terminated}, 0};
    delivery out;

    void give_work() {
        scheduler.submit(1);
        scheduler.all_next();
    }
    bool workers_see(channel::sleep how) const {
        return workers[0].parent == how && workers[1].parent == how;
    }
    void add_value(delivery& to, std::uint32_t item) {
        channel::record record{};
        record.kind = channel::record_kind::values;
        record.items = 1;
        to.add(job, item, record, {});
    }
    void add_failure(delivery& to, std::uint32_t item) {
        to.make_room_for_failures(1);
        to.add_failure(job, item, 1, std::make_exception_ptr(std::runtime_error("why")));
    }
    bell leave_value(std::uint32_t item) {
        delivery by_another_thread;
        add_value(by_another_thread, item);
        return collects.leave(by_another_thread);
    }
    void check_delivered(delivery& from, const std::vector<std::uint32_t>& expected) {
        from.hand_over();
        BOOST_TEST(delivered == expected, boost::test_tools::per_element());
        delivered.clear();
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(collecting, idle_pool)

BOOST_AUTO_TEST_CASE(one_thread_collects_from_begin_to_stop) {
    BOOST_TEST(!collects.collecting());
    BOOST_TEST(collects.gone());
    collects.begin();
    BOOST_TEST(collects.collecting());
    BOOST_TEST(!collects.gone());
    BOOST_TEST((collects.stop(out) == bell::none));
    BOOST_TEST(!collects.collecting());
    BOOST_TEST(collects.gone());
}

BOOST_AUTO_TEST_CASE(workers_are_told_when_a_thread_sleeps_and_wakes) {
    collects.begin();
    BOOST_TEST(workers[0].told == 0u); // new workers know it already
    collects.sleep_as(channel::sleep::as_collector);
    BOOST_TEST(collects.asleep());
    BOOST_TEST(workers_see(channel::sleep::as_collector));
    collects.sleep_as(channel::sleep::awake);
    BOOST_TEST(!collects.asleep());
    BOOST_TEST(workers_see(channel::sleep::awake));
}

BOOST_AUTO_TEST_CASE(a_thread_that_begins_while_workers_would_ring_tells_them_to_stop) {
    give_work();
    BOOST_TEST(collects.arm().now);
    collects.begin();
    BOOST_TEST(workers_see(channel::sleep::awake));
}

BOOST_AUTO_TEST_CASE(sleeping_and_waking_cancel_a_planned_check) {
    late.plan_check(late_items::time(1h));
    collects.sleep_as(channel::sleep::as_collector);
    BOOST_TEST(!late.check_planned());
}

BOOST_AUTO_TEST_CASE(workers_ring_for_the_pools_own_thread_if_outcomes_are_to_come) {
    give_work();
    const auto armed = collects.arm();
    BOOST_TEST(armed.now);
    BOOST_TEST((armed.rung == bell::none));
    BOOST_TEST(workers_see(channel::sleep::on_doorbell));
    BOOST_TEST((collects.sleeper() == bell::own));
}

BOOST_AUTO_TEST_CASE(the_own_thread_is_rung_for_what_workers_published_before_they_were_to_ring) {
    give_work();
    workers[1].has_something = true;
    BOOST_TEST((collects.arm().rung == bell::own));
}

BOOST_AUTO_TEST_CASE(workers_are_not_told_to_ring_when_nothing_is_to_come) {
    BOOST_TEST(!collects.arm().now);
    BOOST_TEST(workers[0].told == 0u);
}

BOOST_AUTO_TEST_CASE(workers_ring_when_an_initializer_has_ended) {
    starts.hook_given();
    BOOST_TEST(collects.arm().now);
}

BOOST_AUTO_TEST_CASE(workers_are_told_to_ring_once) {
    give_work();
    BOOST_TEST(collects.arm().now);
    BOOST_TEST(!collects.arm().now);
    BOOST_TEST(workers[0].told == 1u);
}

BOOST_AUTO_TEST_CASE(workers_do_not_ring_while_a_thread_collects) {
    give_work();
    collects.begin();
    BOOST_TEST(!collects.arm().now);
    BOOST_TEST(workers_see(channel::sleep::awake));
    collects.stop(out);
    BOOST_TEST(collects.arm().now);
}

BOOST_AUTO_TEST_CASE(a_thread_that_waits_and_sleeps_has_a_bell_of_its_own) {
    collects.begin();
    collects.sleep_as(channel::sleep::as_collector);
    BOOST_TEST((collects.sleeper() == bell::waiting));
}

BOOST_AUTO_TEST_CASE(outcomes_that_are_left_wake_the_pools_own_thread) {
    BOOST_TEST((leave_value(1) == bell::own));
    BOOST_TEST(collects.has_left());
    BOOST_TEST(collects.has_responses());
}

BOOST_AUTO_TEST_CASE(outcomes_that_are_left_wake_the_thread_that_sleeps_for_its_result) {
    collects.begin();
    collects.sleep_as(channel::sleep::as_collector);
    BOOST_TEST((leave_value(1) == bell::waiting));
}

BOOST_AUTO_TEST_CASE(outcomes_that_are_left_wake_no_thread_that_is_awake) {
    collects.begin();
    BOOST_TEST((leave_value(1) == bell::none));
    BOOST_TEST(collects.has_responses());
}

BOOST_AUTO_TEST_CASE(a_thread_that_stops_leaves_what_it_was_left_to_the_pools_own) {
    collects.begin();
    leave_value(1);
    BOOST_TEST((collects.stop(out) == bell::own));
}

BOOST_AUTO_TEST_CASE(outcomes_that_are_left_are_delivered_in_order_after_earlier_ones) {
    add_value(out, 0);
    leave_value(1);
    leave_value(2);
    BOOST_TEST(collects.take_left(out));
    BOOST_TEST(!collects.has_left());
    BOOST_TEST(!collects.take_left(out));
    check_delivered(out, {0, 1, 2});
}

BOOST_AUTO_TEST_CASE(failures_do_not_wait_while_a_thread_delivers) {
    collects.begin();
    add_value(out, 0);
    BOOST_TEST(collects.begin_delivering(out));
    delivery later;
    add_failure(later, 1);
    add_value(later, 2);
    collects.leave(later);
    check_delivered(later, {1});
    out.hand_over();
    collects.delivered(true);
    delivered.clear();
    collects.take_left(out);
    check_delivered(out, {2});
}

BOOST_AUTO_TEST_CASE(failures_alone_leave_nothing_while_a_thread_delivers) {
    add_value(out, 0);
    collects.begin_delivering(out);
    delivery later;
    add_failure(later, 1);
    BOOST_TEST((collects.leave(later) == bell::none));
    BOOST_TEST(!collects.has_left());
}

BOOST_AUTO_TEST_CASE(failures_stay_behind_values_while_no_thread_delivers) {
    leave_value(1);
    delivery later;
    add_failure(later, 2);
    collects.leave(later);
    BOOST_TEST(!later.has_outcomes());
    collects.take_left(out);
    check_delivered(out, {1, 2});
}

BOOST_AUTO_TEST_CASE(the_rest_of_an_interrupted_delivery_goes_before_what_came_later) {
    collects.begin();
    leave_value(9);
    delivery rest;
    for (std::uint32_t item = 0; item != 3; ++item)
        add_value(out, item);
    collects.make_room_for_rest(rest, out);
    collects.leave_rest(rest, out);
    BOOST_TEST(!rest.has_outcomes());
    BOOST_TEST((collects.stop(out) == bell::own));
    delivery next;
    collects.take_left(next);
    check_delivered(next, {0, 1, 2, 9});
}

BOOST_AUTO_TEST_CASE(an_interrupted_delivery_without_a_rest_leaves_nothing) {
    collects.begin();
    delivery rest;
    collects.make_room_for_rest(rest, out);
    collects.leave_rest(rest, out);
    BOOST_TEST(!collects.has_left());
    BOOST_TEST((collects.stop(out) == bell::none));
}

BOOST_AUTO_TEST_CASE(workers_of_a_terminated_pool_have_nothing_to_collect) {
    workers[0].has_something = true;
    BOOST_TEST(collects.has_responses());
    terminated = true;
    BOOST_TEST(!collects.has_responses());
    leave_value(1);
    BOOST_TEST(collects.has_responses());
}

BOOST_AUTO_TEST_CASE(all_is_delivered_when_no_thread_delivers_and_nothing_is_left) {
    BOOST_TEST(collects.all_delivered());
    add_value(out, 0);
    BOOST_TEST(collects.begin_delivering(out));
    BOOST_TEST(!collects.all_delivered());
    collects.delivered(true);
    BOOST_TEST(collects.all_delivered());
    leave_value(1);
    BOOST_TEST(!collects.all_delivered());
}

BOOST_AUTO_TEST_CASE(a_delivery_without_outcomes_does_not_count) {
    BOOST_TEST(!collects.begin_delivering(out, true));
    BOOST_TEST(collects.all_delivered());
    BOOST_TEST(collects.own_delivered());
    collects.delivered(false, true);
    BOOST_TEST(collects.all_delivered());
}

BOOST_AUTO_TEST_CASE(the_pools_own_threads_are_counted_apart) {
    add_value(out, 0);
    collects.begin_delivering(out, false);
    BOOST_TEST(collects.own_delivered());
    collects.begin_delivering(out, true);
    BOOST_TEST(!collects.own_delivered());
    collects.delivered(true, true);
    BOOST_TEST(collects.own_delivered());
    BOOST_TEST(!collects.all_delivered());
    collects.delivered(true, false);
    BOOST_TEST(collects.all_delivered());
}

BOOST_AUTO_TEST_CASE(what_is_left_is_for_the_pools_own_threads_unless_another_collects) {
    leave_value(1);
    BOOST_TEST(!collects.own_delivered());
    collects.begin();
    BOOST_TEST(collects.own_delivered());
}

BOOST_AUTO_TEST_CASE(a_thread_that_waits_asks_the_collector_to_give_way) {
    collects.begin();
    unsigned turns = 0;
    BOOST_TEST(!collects.wanted());
    BOOST_TEST(collects.await_gone([&] {
        BOOST_TEST(collects.wanted());
        if (++turns == 3)
            collects.stop(out);
        return false;
    }));
    BOOST_TEST(turns == 3u);
    BOOST_TEST(!collects.wanted());
}

BOOST_AUTO_TEST_CASE(a_thread_that_waits_does_not_ask_for_ever) {
    collects.begin();
    unsigned turns = 0;
    BOOST_TEST(!collects.await_gone([&] {
        ++turns;
        return false;
    }));
    BOOST_TEST(turns == 200u);
    BOOST_TEST(!collects.wanted());
}

BOOST_AUTO_TEST_CASE(a_thread_whose_result_is_ready_does_not_ask_longer) {
    collects.begin();
    BOOST_TEST(!collects.await_gone([] { return true; }));
}

BOOST_AUTO_TEST_CASE(sleeping_at_once_holds_for_one_wait) {
    BOOST_TEST(!collects.take_sleep_at_once());
    collects.sleep_at_once(true);
    BOOST_TEST(collects.take_sleep_at_once());
    BOOST_TEST(!collects.take_sleep_at_once());
}

BOOST_AUTO_TEST_CASE(memory_of_a_dead_worker_stays_until_the_collecting_thread_has_stopped) {
    const auto owner = std::make_shared<int>(0);
    const std::weak_ptr<int> observed = owner;
    std::shared_ptr<const channel::channel_memory> memory(
        owner, reinterpret_cast<const channel::channel_memory*>(owner.get()));
    collects.make_room_to_retire();
    collects.retire(memory);
    BOOST_TEST((memory != nullptr)); // no thread looks at it
    collects.begin();
    collects.retire(memory);
    BOOST_TEST((memory == nullptr));
    BOOST_TEST(observed.use_count() == 2);
    collects.stop(out);
    BOOST_TEST(observed.use_count() == 2); // it is released without the lock
    out.hand_over();
    BOOST_TEST(observed.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
