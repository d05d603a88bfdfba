// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "lifecycle/orders.hpp"

#include <boost/test/unit_test.hpp>

#include <exception>
#include <stdexcept>

using procpool::pooling::orders;

namespace {

struct with_orders {
    unsigned woken = 0;
    orders all{[this] {
        ++woken;
    }};

    with_orders() { all.grow_to(3); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(orders_of_a_pool, with_orders)

BOOST_AUTO_TEST_CASE(several_orders_wake_the_thread_once) {
    all.give(0).start = true;
    all.give(2).kill = true;
    all.give().end_workers = true;
    BOOST_TEST(woken == 1u);
}

BOOST_AUTO_TEST_CASE(an_order_after_seen_wakes_the_thread_again) {
    all.give(0).start = true;
    all.seen();
    all.give(0).kill = true;
    BOOST_TEST(woken == 2u);
}

BOOST_AUTO_TEST_CASE(orders_can_be_read_and_taken_without_waking) {
    BOOST_TEST(!all.given().carry_out_later);
    BOOST_TEST(!all.given(1).start);
    static_cast<void>(all.take(1));
    all.forget(1);
    BOOST_TEST(woken == 0u);
}

BOOST_AUTO_TEST_CASE(taking_clears_the_orders_of_one_place) {
    all.give(0).stop_item = 7;
    all.give(1).kill = true;
    BOOST_TEST(all.take(0).stop_item == 7u);
    BOOST_TEST(all.take(0).stop_item == 0u);
    BOOST_TEST(all.take(1).kill);
}

BOOST_AUTO_TEST_CASE(an_abandoned_start_stays_ordered_until_it_is_cleared) {
    all.give(1).abandon = true;
    BOOST_TEST(all.take(1).abandon);
    BOOST_TEST(all.take(1).abandon);
    all.given(1).abandon = false;
    BOOST_TEST(!all.take(1).abandon);
}

BOOST_AUTO_TEST_CASE(a_process_that_is_gone_leaves_no_orders_to_the_next) {
    auto& order = all.give(1);
    order.initialized = true;
    order.initializer_error = std::make_exception_ptr(std::runtime_error("why"));
    order.kill = true;
    all.forget(1);
    const auto next = all.take(1);
    BOOST_TEST(!next.initialized);
    BOOST_TEST((next.initializer_error == nullptr));
    BOOST_TEST(!next.kill);
}

BOOST_AUTO_TEST_CASE(growing_keeps_the_orders) {
    all.give(2).kill = true;
    all.grow_to(5);
    all.grow_to(1);
    BOOST_TEST(all.places() == 5u);
    BOOST_TEST(all.given(2).kill);
}

BOOST_AUTO_TEST_SUITE_END()
