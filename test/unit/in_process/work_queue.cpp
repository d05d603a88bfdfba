// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "in_process/work_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>

using procpool::in_process::comes_before;
using procpool::in_process::piece;
using procpool::in_process::work_queue;

namespace {

piece part(int priority, std::uint64_t submission, std::uint32_t first = 0) {
    return {nullptr, first, 1, priority, submission, 0};
}

void add(work_queue& to, const piece& what) {
    work_queue::pieces one{what};
    to.add(one);
    BOOST_TEST(one.empty());
}

/// Empties the queue: "priority/submission/first " of each piece.
std::string text_of(work_queue& what) {
    std::string out;
    while (!what.empty()) {
        work_queue::pieces one;
        what.take_front(one);
        out += std::to_string(one.front().priority) + '/' + std::to_string(one.front().submission) + '/' +
               std::to_string(one.front().first) + ' ';
    }
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(in_process_work_queue)

BOOST_AUTO_TEST_CASE(equal_priorities_keep_the_order_of_submission) {
    work_queue queue;
    add(queue, part(0, 1));
    add(queue, part(0, 2));
    add(queue, part(0, 3));
    BOOST_TEST(text_of(queue) == "0/1/0 0/2/0 0/3/0 ");
}

BOOST_AUTO_TEST_CASE(higher_priorities_come_first) {
    work_queue queue;
    add(queue, part(0, 1));
    add(queue, part(2, 2));
    add(queue, part(-1, 3));
    add(queue, part(2, 4));
    BOOST_TEST(text_of(queue) == "2/2/0 2/4/0 0/1/0 -1/3/0 ");
}

BOOST_AUTO_TEST_CASE(what_is_given_back_gets_its_place_again) {
    work_queue queue;
    add(queue, part(0, 1));
    add(queue, part(0, 2));
    add(queue, part(1, 3));
    add(queue, part(0, 1, 7));
    BOOST_TEST(text_of(queue) == "1/3/0 0/1/0 0/1/7 0/2/0 ");
}

BOOST_AUTO_TEST_CASE(several_pieces_are_added_at_once) {
    work_queue queue;
    add(queue, part(0, 2));
    work_queue::pieces some{part(0, 3), part(1, 4), part(0, 1)};
    queue.add(some);
    BOOST_TEST(some.empty());
    BOOST_TEST(text_of(queue) == "1/4/0 0/1/0 0/2/0 0/3/0 ");
}

BOOST_AUTO_TEST_CASE(wanted_pieces_are_taken_in_order) {
    work_queue queue;
    for (std::uint64_t i = 0; i != 6; ++i)
        add(queue, part(0, i));
    work_queue::pieces odd;
    queue.take_if([](const piece& each) { return each.submission % 2 == 1; }, odd);
    BOOST_TEST(odd.size() == 3);
    BOOST_TEST(odd.front().submission == 1);
    BOOST_TEST(odd.back().submission == 5);
    BOOST_TEST(text_of(queue) == "0/0/0 0/2/0 0/4/0 ");
}

BOOST_AUTO_TEST_CASE(one_wanted_piece_is_taken) {
    work_queue queue;
    for (std::uint64_t i = 0; i != 4; ++i)
        add(queue, part(0, i));
    work_queue::pieces one;
    BOOST_TEST(queue.take_first_if([](const piece& each) { return each.submission >= 2; }, one));
    BOOST_TEST(one.size() == 1);
    BOOST_TEST(one.front().submission == 2);
    BOOST_TEST(!queue.take_first_if([](const piece& each) { return each.submission == 2; }, one));
    BOOST_TEST(text_of(queue) == "0/0/0 0/1/0 0/3/0 ");
}

BOOST_AUTO_TEST_CASE(nothing_comes_before_itself) {
    BOOST_TEST(!comes_before(part(1, 2, 3), part(1, 2, 3)));
    BOOST_TEST(comes_before(part(1, 2, 3), part(1, 2, 4)));
}

BOOST_AUTO_TEST_SUITE_END()
