// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "trace/event_text.hpp"

#include "support/trace_file.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

using procpool::test::trace_file;
using procpool::tracing::event;
using procpool::tracing::event_text;
using procpool::tracing::outcome;
using procpool::tracing::worker_event;

namespace {

constexpr auto absurd = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t start = 1'000'000;

/// A trace in the making.
struct text_fixture {
    event_text events{start, 4711, 1};
    std::string text{event_text::opening};

    text_fixture() { events.introduce(text, "pro\"gram"); }

    void add(const event& what, std::string_view name = "task") {
        events.begin(text, what, name);
        BOOST_TEST(!events.write_some(text, absurd));
    }
    void submit(std::uint64_t time, std::uint32_t items = 1) {
        event what;
        what.what = event::kind::submitted;
        what.submitted = start + time;
        what.items = items;
        add(what);
    }
    static event run_of(std::uint64_t submitted, std::uint64_t begun, std::uint64_t each,
                        std::uint64_t seen) {
        event what;
        what.submitted = start + submitted;
        what.begun = start + begun;
        what.each = each;
        what.seen = start + seen;
        return what;
    }
    trace_file file() const { return trace_file::of_text(text + std::string(event_text::closing)); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(event_texts, text_fixture)

BOOST_AUTO_TEST_CASE(the_parent_has_two_tracks) {
    const auto read = file();
    BOOST_TEST(read.track(1) == "submissions");
    BOOST_TEST(read.track(2) == "results");
    BOOST_TEST(read.track(3) == "");
    BOOST_TEST(text.find("\"pro\\\"gram (procpool)\"") != std::string::npos);
    BOOST_TEST(text.find("\"pid\":4711") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_item_has_a_slice_and_a_flow) {
    submit(1000);
    auto what = run_of(1000, 2000, 500, 3000);
    what.index = 7;
    what.of_range = true;
    what.how = outcome::threw;
    add(what, "fit");
    const auto read = file();
    BOOST_TEST(read.fault() == "");
    const auto items = read.of("X", "item");
    BOOST_TEST_REQUIRE(items.size() == 1U);
    BOOST_TEST(items[0].name == "fit");
    BOOST_TEST(items[0].begin == 2000U);
    BOOST_TEST(items[0].end == 2500U);
    BOOST_TEST(items[0].index == "7");
    BOOST_TEST(items[0].call == "");
    BOOST_TEST(items[0].outcome == "threw");
    BOOST_TEST(read.track(items[0].track) == "worker 0");
    BOOST_TEST(read.of("X", "submission").at(0).begin == 1000U);
    BOOST_TEST(read.of("X", "result").at(0).begin == 3000U);
}

BOOST_AUTO_TEST_CASE(the_items_of_a_record_follow_each_other) {
    submit(1000, 5);
    auto what = run_of(1000, 2000, 100, 3000);
    what.items = 3;
    what.first = 2;
    what.index = 40;
    add(what);
    what.first = 0;
    what.items = 2;
    what.index = 38;
    add(what); // at the same time: cannot be true
    const auto read = file();
    BOOST_TEST(read.fault() == "");
    const auto items = read.of("X", "item");
    BOOST_TEST_REQUIRE(items.size() == 5U);
    BOOST_TEST(items[2].begin == 2200U);
    BOOST_TEST(items[2].end == 2300U);
    BOOST_TEST(items[2].call == "42");
    BOOST_TEST(items[3].begin == 2300U); // behind what is there
}

BOOST_AUTO_TEST_CASE(an_item_begins_after_its_submission_and_ends_before_it_is_seen) {
    submit(1000);
    add(run_of(1000, 500, 700, 3000)); // the end of what the worker did before is the beginning
    BOOST_TEST(file().of("X", "item").at(0).begin == 1000U);
    BOOST_TEST(file().of("X", "item").at(0).end == 1200U);
    submit(4000);
    add(run_of(4000, 5000, absurd, 6000));
    BOOST_TEST(file().of("X", "item").at(1).begin == 5000U);
    BOOST_TEST(file().of("X", "item").at(1).end == 6000U);
    submit(6000);
    add(run_of(6000, absurd - start, 10, 7000));
    BOOST_TEST(file().of("X", "item").at(2).begin == 6000U);
    BOOST_TEST(file().of("X", "item").at(2).end == 7000U);
    BOOST_TEST(file().fault() == "");
}

BOOST_AUTO_TEST_CASE(an_item_whose_times_are_unknown_lasts_until_it_is_seen) {
    submit(1000);
    auto what = run_of(1000, 0, 0, 3000);
    what.begun = 0;
    what.how = outcome::lost;
    add(what);
    BOOST_TEST(file().of("X", "item").at(0).begin == 1000U);
    BOOST_TEST(file().of("X", "item").at(0).end == 3000U);
    BOOST_TEST(file().fault() == "");
}

BOOST_AUTO_TEST_CASE(whatever_a_worker_reports_gives_a_trace) {
    const std::uint64_t times[] = {0, 1, start, start + 5000, start + 900'000, absurd / 2, absurd};
    std::uint64_t submitted = start;
    for (const auto begun : times)
        for (const auto each : times) {
            submit(submitted - start, 3);
            event what;
            what.submitted = submitted;
            what.begun = begun;
            what.each = each;
            what.seen = submitted + 10;
            what.items = 3;
            add(what);
            submitted += 5;
        }
    BOOST_TEST(file().fault() == "");
}

BOOST_AUTO_TEST_CASE(an_item_that_never_ran_is_on_the_track_of_results) {
    submit(1000, 2);
    event what;
    what.what = event::kind::not_run;
    what.submitted = start + 1000;
    what.seen = start + 2000;
    what.items = 2;
    what.how = outcome::cancelled;
    add(what);
    const auto read = file();
    BOOST_TEST(read.fault() == "");
    BOOST_TEST(read.items("cancelled") == 2U);
    BOOST_TEST(read.of("X", "item").at(1).track == 2U);
}

BOOST_AUTO_TEST_CASE(a_run_without_the_outcome_is_an_attempt) {
    submit(1000);
    auto what = run_of(1000, 2000, 100, 3000);
    what.what = event::kind::tried;
    what.how = outcome::lost;
    add(what);
    add(run_of(1000, 4000, 100, 5000));
    const auto read = file();
    BOOST_TEST(read.fault() == "");
    BOOST_TEST(read.items("lost", "attempt") == 1U);
    BOOST_TEST(read.items("succeeded") == 1U);
    BOOST_TEST(read.of("t", "item").size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_hook_is_no_item) {
    auto what = run_of(0, 100, 50, 200);
    what.what = event::kind::hook;
    what.submitted = 0;
    add(what, "load");
    const auto read = file();
    BOOST_TEST(read.fault() == "");
    BOOST_TEST(read.of("X", "hook").at(0).begin == 100U);
}

BOOST_AUTO_TEST_CASE(processes_have_instant_events) {
    events.add(text, worker_event{worker_event::kind::lost, 2, start + 5, 99, "was \"killed\""});
    events.add_gap(text, 17, start + 6);
    const auto read = file();
    BOOST_TEST(read.events("worker lost") == 1U);
    BOOST_TEST(read.events("events are missing") == 1U);
    BOOST_TEST(read.of("i", "worker").at(0).text == "was \"killed\"");
    BOOST_TEST(read.track(5) == "worker 2");
}

BOOST_AUTO_TEST_CASE(two_processes_of_a_worker_have_two_tracks) {
    event_text two(start, 1, 2);
    two.add(text, worker_event{worker_event::kind::started, 2, start, 10, {}});
    two.add(text, worker_event{worker_event::kind::started, 3, start, 11, {}});
    // The fixture has written elements before.
    text.insert(text.find("\n{\"ph\":\"M\",\"cat\":\"__metadata\",\"name\":\"thread_name\",\"pid\":1,"), ",");
    const auto read = file();
    BOOST_TEST(read.track(5) == "worker 1");
    BOOST_TEST(read.track(6) == "worker 1, second process");
}

BOOST_AUTO_TEST_CASE(a_long_event_is_written_in_pieces) {
    event what;
    what.what = event::kind::submitted;
    what.submitted = start;
    what.items = 1000;
    events.begin(text, what, "task");
    std::string all;
    std::size_t pieces = 1;
    while (events.write_some(text, 4096)) {
        BOOST_TEST(text.size() < 5000U);
        all += text;
        text.clear();
        ++pieces;
    }
    text.insert(0, all);
    BOOST_TEST(pieces > 10U);
    BOOST_TEST(file().of("s", "item").size() == 1000U);
}

BOOST_AUTO_TEST_SUITE_END()
