// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/counting_range.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/streams.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// How streams end: dropped, with their pool, or after it.
using namespace procpool::test;

namespace {

/// Writes a line to a file; then waits for another file.
void leave_a_line(std::pair<std::string, std::string> files) {
    append_line(files.first, std::to_string(own_pid()));
    wait_for(files.second);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(stream_end, nothing_left_behind)

BOOST_AUTO_TEST_CASE(dropping_a_stream_takes_back_what_has_not_started) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const auto pid = pool.apply([] { return own_pid(); });
    {
        const std::vector<std::pair<std::string, std::string>> items(
            20, {folder.file("ran"), folder.file("gate")});
        auto stream = pool.imap(procpool::fn<leave_a_line>, items, {.max_in_flight = 20});
        BOOST_TEST(wait_for_lines(folder.file("ran"), 1));
    } // does not wait for the one that runs
    create(folder.file("gate"));
    BOOST_TEST(pool.apply(procpool::fn<square>, 3) == 9);
    BOOST_TEST(lines_of(folder.file("ran")).size() == 1U);
    BOOST_TEST(pool.apply([] { return own_pid(); }) == pid);
}

BOOST_AUTO_TEST_CASE(dropping_half_read_streams_leaves_the_pool_as_it_was) {
    procpool::pool pool(2);
    const auto children = belongings::now().children;
    for (int i = 0; i != 200; ++i) {
        counting::account account;
        const procpool::map_options options{.chunk_size = std::size_t(1 + i % 3), .max_in_flight = 50};
        auto stream = i % 2 == 0 ? pool.imap(procpool::fn<square>, counting(account), options)
                                 : pool.imap_unordered(procpool::fn<square>, counting(account), options);
        for (int k = 0; k != i % 7; ++k)
            BOOST_REQUIRE(stream.next().has_value());
    }
    BOOST_TEST((pool.map(procpool::fn<square>, numbers(1000)) == squares(1000)));
    BOOST_TEST((belongings::now().children == children));
    pool.close();
    pool.join();
}

BOOST_AUTO_TEST_CASE(no_stream_is_made_of_a_closed_pool) {
    procpool::pool pool(1);
    pool.close();
    for (const int count : {0, 3}) {
        BOOST_CHECK_THROW(pool.imap(procpool::fn<square>, numbers(count)), procpool::pool_closed);
        BOOST_CHECK_THROW(pool.imap_unordered(procpool::fn<square>, numbers(count)), procpool::pool_closed);
    }
    pool.terminate();
    BOOST_CHECK_THROW(pool.imap(procpool::fn<square>, numbers(3)), procpool::pool_closed);
}

BOOST_AUTO_TEST_CASE(a_stream_goes_on_when_the_pool_is_closed) {
    procpool::pool pool(2);
    auto stream = pool.imap(procpool::fn<square>, numbers(500));
    auto other = pool.imap_unordered(procpool::fn<square>, numbers(500));
    BOOST_TEST(stream.next().value() == 0);
    pool.close();
    BOOST_TEST(rest_of(stream).size() == 499U);
    BOOST_TEST((sorted(rest_of(other)) == squares(500)));
    pool.join();
    BOOST_TEST(!stream.next());
}

BOOST_AUTO_TEST_CASE(a_closed_pool_ends_when_its_last_stream_has_nothing_to_pull) {
    procpool::pool pool(2);
    const auto gone = [&] {
        const auto workers = pool.workers();
        return std::all_of(workers.begin(), workers.end(), [](const auto& each) { return !each.pid; });
    };
    counting::account account;
    {
        auto stream = pool.imap(procpool::fn<square>, counting(account));
        pool.close();
        for (int i = 0; i != 20; ++i)
            BOOST_TEST(stream.next().value() == i * i);
        BOOST_TEST(!gone());
    }
    BOOST_TEST(eventually(gone));
}

BOOST_AUTO_TEST_CASE(joining_does_not_wait_for_a_reader) {
    procpool::pool pool(2);
    counting::account account;
    auto stream = pool.imap(procpool::fn<square>, counting(account), {.max_in_flight = 10});
    BOOST_TEST(stream.next().value() == 0);
    pool.close();
    pool.join();
    const int pulled = account.pulled;
    for (int i = 1; i != pulled; ++i)
        BOOST_TEST(stream.next().value() == i * i);
    BOOST_CHECK_THROW(stream.next(), procpool::pool_closed);
    BOOST_TEST(!stream.next());
}

BOOST_AUTO_TEST_CASE(terminating_wakes_a_reader_and_keeps_what_has_arrived) {
    const temporary_folder folder;
    for (const bool in_order : {true, false}) {
        procpool::pool pool(2);
        std::vector<std::string> items(6);
        items[4] = items[5] = folder.file("never");
        auto stream = in_order ? pool.imap(procpool::fn<wait_for>, items, {.max_in_flight = 6})
                               : pool.imap_unordered(procpool::fn<wait_for>, items, {.max_in_flight = 6});
        const auto done = [&] {
            std::size_t out = 0;
            for (const auto& each : pool.workers())
                out += each.tasks_done;
            return out == 4;
        };
        BOOST_TEST(eventually(done));
        pool.terminate();
        // In the order of completion, a failure may overtake a value that another thread is decoding.
        std::string outcomes;
        for (int i = 0; i != 6; ++i) {
            try {
                outcomes += stream.next().value().empty() ? 'v' : '?';
            } catch (const procpool::pool_terminated&) {
                outcomes += 'f';
            }
        }
        BOOST_TEST(!stream.next());
        if (!in_order)
            std::sort(outcomes.rbegin(), outcomes.rend());
        BOOST_TEST(outcomes == "vvvvff");
    }
    procpool::pool pool(1);
    auto stream = pool.imap(procpool::fn<wait_for>, std::vector<std::string>{folder.file("never")});
    std::atomic<bool> woken{false};
    std::thread reader([&] {
        BOOST_CHECK_THROW(stream.next(), procpool::pool_terminated);
        woken = true;
    });
    pool.terminate();
    reader.join();
    BOOST_TEST(woken);
}

BOOST_AUTO_TEST_CASE(an_endless_input_ends_when_the_pool_is_terminated) {
    procpool::pool pool(2);
    counting::account account;
    auto stream = pool.imap(procpool::fn<square>, counting(account), {.max_in_flight = 5});
    BOOST_TEST(stream.next().value() == 0);
    pool.terminate();
    int reads = 0;
    int failed = 0;
    for (bool over = false; !over && reads != 1000; ++reads) {
        try {
            over = !stream.next();
        } catch (const procpool::pool_terminated&) {
            ++failed;
        }
    }
    BOOST_TEST(reads <= 7);
    BOOST_TEST(failed >= 1);
}

BOOST_AUTO_TEST_CASE(a_stream_may_outlive_its_pool) {
    counting::account account;
    std::optional<procpool::result_stream<int>> stream;
    {
        procpool::pool pool(2);
        stream = pool.imap(procpool::fn<square>, numbers(10), {.max_in_flight = 10});
        pool.close();
        pool.join();
    }
    BOOST_TEST((rest_of(*stream) == squares(10)));
    {
        procpool::pool pool(2);
        stream = pool.imap(procpool::fn<square>, counting(account));
        BOOST_TEST(stream->next().value() == 0);
    }
    BOOST_CHECK_THROW(
        {
            for (int i = 0; i != 100; ++i)
                static_cast<void>(stream->next());
        },
        procpool::pool_terminated);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
