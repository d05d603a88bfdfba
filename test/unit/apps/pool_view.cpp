// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "top/pool_view.hpp"

#include "support/shown_pool.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstring>
#include <random>
#include <string>

// What procpool-top makes of the memory that a pool shows, and of any other bytes.
using namespace std::chrono_literals;
using procpool::test::shown_pool;
using top::worker_state;

namespace {

top::pool_view read(shown_pool& from) {
    auto out = from.read();
    BOOST_TEST_REQUIRE(out.has_value());
    return *std::move(out);
}

} // namespace

BOOST_AUTO_TEST_SUITE(pool_view)

BOOST_AUTO_TEST_CASE(a_pool_is_shown_with_its_workers) {
    shown_pool shown;
    const auto pool = read(shown);
    BOOST_TEST(pool.number == 7u);
    BOOST_TEST(pool.library_version == "0.1.0");
    BOOST_TEST(pool.processes == 2u);
    BOOST_TEST(pool.phase == "open");
    BOOST_TEST((pool.age == 5s));
    BOOST_TEST(pool.settled);
    BOOST_TEST_REQUIRE(pool.workers.size() == 2u);
    const auto& busy = pool.workers[0];
    BOOST_TEST((busy.state == worker_state::busy));
    BOOST_TEST((busy.pid == 4711));
    BOOST_TEST(busy.task == "slow_add");
    BOOST_TEST((busy.running_for == 2s));
    BOOST_TEST(busy.reported == 0.25);
    BOOST_TEST(busy.tasks_done == 10u);
    const auto& idle = pool.workers[1];
    BOOST_TEST((idle.state == worker_state::idle));
    BOOST_TEST(idle.task == "");
    BOOST_TEST(idle.restarts == 3u);
}

BOOST_AUTO_TEST_CASE(what_has_not_ended_runs_or_is_queued) {
    shown_pool shown;
    const auto stats = read(shown).stats;
    BOOST_TEST(stats.submitted == 20u);
    BOOST_TEST(stats.succeeded == 12u);
    BOOST_TEST(stats.running == 1u);
    BOOST_TEST(stats.queued == 7u);
}

BOOST_AUTO_TEST_CASE(a_pool_stopped_in_the_middle_of_a_change_does_not_wait_for_less_than_nothing) {
    shown_pool shown;
    shown.head().stats.succeeded = 21; // counted before it was submitted
    const auto stats = read(shown).stats;
    BOOST_TEST(stats.running == 0u);
    BOOST_TEST(stats.queued == 0u);
}

BOOST_AUTO_TEST_CASE(the_memory_of_another_process_is_passed_over) {
    shown_pool shown;
    shown.head().prefix.pid = 4;
    BOOST_TEST(!shown.read().has_value());
    shown.head().prefix.pid = 0; // is being made
    BOOST_TEST(!shown.read().has_value());
}

BOOST_AUTO_TEST_CASE(another_version_is_named) {
    shown_pool shown;
    shown.head().prefix.layout += 1;
    std::strcpy(shown.head().prefix.library_version.data(), "9.9.9");
    BOOST_CHECK_EXCEPTION(shown.read(), top::other_version, [](const auto& why) {
        return std::string(why.what()) == "it was made by procpool 9.9.9, with another layout";
    });
}

BOOST_AUTO_TEST_CASE(other_memory_is_refused) {
    shown_pool shown;
    shown.head().prefix.magic[3] = 'x';
    BOOST_CHECK_THROW(shown.read(), top::unreadable);
}

BOOST_AUTO_TEST_CASE(memory_that_is_cut_off_is_refused_or_has_fewer_facts) {
    for (std::size_t bytes = 0; bytes < shown_pool::size; bytes += 61) {
        shown_pool shown;
        shown.cut(bytes);
        try {
            shown.read();
        } catch (const top::unreadable&) {
        }
    }
}

BOOST_AUTO_TEST_CASE(counts_without_a_sum_are_refused) {
    shown_pool shown;
    std::uint64_t counts[2] = {~std::uint64_t{0}, 1};
    std::memcpy(static_cast<void*>(&shown.head().stats.wait), counts, sizeof counts);
    BOOST_CHECK_THROW(shown.read(), top::unreadable);
}

BOOST_AUTO_TEST_CASE(counts_that_never_stand_still_are_shown_as_such) {
    shown_pool shown;
    shown.at_each_read = [&] {
        ++shown.head().stats.submitted;
    };
    BOOST_TEST(!read(shown).settled);
}

BOOST_AUTO_TEST_CASE(a_row_that_changes_has_no_process) {
    shown_pool shown;
    shown.row(0).changes = 5;
    const auto pool = read(shown);
    BOOST_TEST_REQUIRE(pool.workers.size() == 2u);
    BOOST_TEST((pool.workers[0].state == worker_state::absent));
    BOOST_TEST(pool.workers[0].tasks_done == 10u);
}

BOOST_AUTO_TEST_CASE(a_worker_between_frames_runs_what_comes_next) {
    shown_pool shown;
    shown.control().claims[0] = 0; // nothing is claimed
    const auto pool = read(shown);
    BOOST_TEST((pool.workers[0].state == worker_state::busy));
    BOOST_TEST(pool.workers[0].task == "");
    BOOST_TEST(pool.stats.running == 0u);
    shown.control().request_tail = 64;
    BOOST_TEST((read(shown).workers[0].state == worker_state::idle));
}

BOOST_AUTO_TEST_CASE(a_frame_behind_the_end_of_the_ring_is_at_its_start) {
    shown_pool shown;
    shown.wrap();
    BOOST_TEST(read(shown).workers[0].task == "slow_add");
}

BOOST_AUTO_TEST_CASE(an_initializer_is_no_item) {
    shown_pool shown;
    shown.head().initializer = shown_pool::task;
    shown.row(0).state = procpool::status::row_state::starting;
    const auto pool = read(shown);
    BOOST_TEST((pool.workers[0].state == worker_state::starting));
    BOOST_TEST(pool.workers[0].task == "slow_add");
    BOOST_TEST(pool.stats.running == 0u);
}

BOOST_AUTO_TEST_CASE(two_processes_of_a_worker_are_one_worker) {
    shown_pool shown;
    shown.row(1).worker = 0;
    const auto pool = read(shown);
    BOOST_TEST_REQUIRE(pool.workers.size() == 1u);
    BOOST_TEST((pool.workers[0].pid == 4711));
    BOOST_TEST(pool.workers[0].tasks_done == 12u);
    BOOST_TEST(pool.workers_not_shown == 1u);
}

BOOST_AUTO_TEST_CASE(workers_of_an_elastic_pool_may_be_absent) {
    shown_pool shown;
    shown.head().elastic = 1;
    shown.row(1).pid = 0;
    shown.row(1).state = procpool::status::row_state::empty;
    const auto pool = read(shown);
    BOOST_TEST(pool.workers.size() == 1u);
    BOOST_TEST(pool.workers_not_shown == 0u);
}

BOOST_AUTO_TEST_CASE(a_pool_without_workers_is_shown_as_the_program) {
    shown_pool shown;
    auto& head = shown.head();
    head.in_process = 1;
    head.runs = shown_pool::task;
    head.runs_as = 1;
    head.runs_since = std::chrono::nanoseconds(96s).count();
    const auto pool = read(shown);
    BOOST_TEST_REQUIRE(pool.workers.size() == 1u);
    BOOST_TEST((pool.workers[0].pid == shown_pool::program));
    BOOST_TEST(pool.workers[0].task == "slow_add");
    BOOST_TEST((pool.workers[0].running_for == 4s));
}

BOOST_AUTO_TEST_CASE(names_do_not_steer_the_terminal) {
    BOOST_TEST(top::printable("a\x1b[2Jb\nc\x7f\xc2\x9b") == "a\xef\xbf\xbd[2Jb\xef\xbf\xbd"
                                                             "c\xef\xbf\xbd\xef\xbf\xbd");
    BOOST_TEST(top::printable("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80") ==
               "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80");
    BOOST_TEST(top::printable("\xff\xc3") == "\xef\xbf\xbd\xef\xbf\xbd");
}

BOOST_AUTO_TEST_CASE(any_bytes_are_refused_or_shown) {
    std::mt19937_64 random(4); // NOLINT: the same in every run
    for (int turn = 0; turn != 20'000; ++turn) {
        shown_pool shown;
        for (auto changes = random() % 8 + 1; changes != 0; --changes)
            shown.damage(random(), random());
        if (random() % 2 == 0)
            shown.at_each_read = [&] {
                shown.damage(random(), random());
            };
        shown.check_reading();
    }
}

BOOST_AUTO_TEST_SUITE_END()
