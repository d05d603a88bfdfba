// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/counting_range.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/resident_bytes.hpp"
#include "support/streams.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <thread>

// Streams read their input when they need it, in the thread that needs it.
using namespace procpool::test;

BOOST_FIXTURE_TEST_SUITE(stream_input, nothing_left_behind)

BOOST_AUTO_TEST_CASE(input_is_pulled_no_further_ahead_than_allowed) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 3U})
        for (const std::size_t ahead : {1U, 2U, 5U, 100U}) {
            BOOST_TEST_INFO_SCOPE("chunk " << chunk << ", ahead " << ahead);
            counting::account account;
            const procpool::map_options options{.chunk_size = chunk, .max_in_flight = ahead};
            auto stream = pool.imap(procpool::fn<square>, counting(account), options);
            auto unordered = pool.imap_unordered(procpool::fn<square>, counting(account), options);
            int too_far = 0;
            for (int read = 0; read != 300; ++read) {
                too_far += account.pulled > 2 * (read + static_cast<int>(ahead));
                BOOST_REQUIRE(stream.next() == read * read);
                BOOST_REQUIRE(unordered.next().has_value());
            }
            BOOST_TEST(too_far == 0);
        }
}

BOOST_AUTO_TEST_CASE(each_item_that_is_read_frees_one) {
    procpool::pool pool(3);
    counting::account account;
    auto stream = pool.imap(procpool::fn<square>, counting(account));
    for (int read = 0; read != 50; ++read) {
        BOOST_REQUIRE(stream.next() == read * read);
        BOOST_REQUIRE(account.pulled == std::max(6, read + 6)); // twice the workers
    }
}

BOOST_AUTO_TEST_CASE(items_that_fail_free_their_places_too) {
    procpool::pool pool(2);
    counting::account account;
    auto stream = pool.imap([](int) -> int { throw std::runtime_error("no"); }, counting(account));
    for (int read = 0; read != 200; ++read)
        BOOST_REQUIRE_THROW(stream.next(), std::runtime_error);
    BOOST_TEST(account.pulled <= 204);
}

BOOST_AUTO_TEST_CASE(the_thread_that_reads_pulls_the_input) {
    procpool::pool pool(2);
    counting::account account;
    auto stream = pool.imap(procpool::fn<square>, counting(account, 100));
    BOOST_TEST((account.readers == std::set{std::this_thread::get_id()}));
    account.readers.clear();
    std::thread::id reader;
    std::thread([&] {
        reader = std::this_thread::get_id();
        BOOST_TEST((rest_of(stream) == squares(100)));
    }).join();
    BOOST_TEST((account.readers == std::set{reader}));
}

BOOST_AUTO_TEST_CASE(an_input_that_throws_ends_the_stream_after_what_was_before) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 4U})
        for (const int broken : {0, 1, 3, 50}) {
            BOOST_TEST_INFO_SCOPE("chunk " << chunk << ", broken at " << broken);
            counting::account account;
            auto stream = pool.imap(procpool::fn<square>, counting(account, 100, broken),
                                    {.chunk_size = chunk, .max_in_flight = 8});
            for (int i = 0; i != broken; ++i)
                BOOST_TEST(stream.next().value() == i * i);
            BOOST_CHECK_EXCEPTION(stream.next(), int, [](int thrown) { return thrown == 42; });
            BOOST_TEST(!stream.next());
            BOOST_TEST(!stream.next());
        }
}

BOOST_AUTO_TEST_CASE(a_container_is_kept_by_reference_and_a_temporary_by_value) {
    procpool::pool pool(2);
    ints items = numbers(100);
    auto stream = pool.imap(procpool::fn<square>, items, {.max_in_flight = 1});
    items.back() = 5; // not pulled yet
    ints expected = squares(100);
    expected.back() = 25;
    BOOST_TEST((rest_of(stream) == expected));
    auto owner = pool.imap(procpool::fn<square>, ints(items), {.max_in_flight = 1});
    items.assign(100, 0);
    BOOST_TEST((rest_of(owner) == expected));
    int array[] = {1, 2, 3};
    BOOST_TEST((all_of(pool.imap(procpool::fn<square>, array)) == ints{1, 4, 9}));
}

BOOST_AUTO_TEST_CASE(memory_stays_flat_whatever_the_number_of_items) {
    procpool::pool pool(2);
    counting::account account;
    auto stream = pool.imap([](int n) { return n; }, counting(account, 1'000'000), {.chunk_size = 32});
    const auto read = [&](int from, int to) {
        int wrong = 0;
        for (int i = from; i != to; ++i)
            wrong += stream.next() != i;
        return wrong;
    };
    BOOST_TEST(read(0, 50'000) == 0);
    const auto before = procpool::test::resident_bytes();
    BOOST_TEST(read(50'000, 1'000'000) == 0);
    BOOST_TEST(procpool::test::resident_bytes() - before <
               8 * 1024 * 1024); // one byte for each item would be seen
    BOOST_TEST(!stream.next());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
