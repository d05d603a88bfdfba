// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/streams.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// Items of streams that fail: each at its position, without an effect on others.
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

/// Fails for every third number.
int not_for_three(int n) {
    if (n % 3 == 0)
        throw std::out_of_range("no " + std::to_string(n));
    return n;
}

int exit_at_five(int n) {
    if (n == 5)
        std::_Exit(0);
    return n;
}

/// Exits when it gets that number for the first time.
int exit_once(std::pair<std::string, int> at) {
    if (at.second == 5 && !exists(at.first)) {
        append_line(at.first, "seen");
        std::_Exit(3);
    }
    return at.second;
}

struct cannot_be_sent {
    int value;
};

int value_of(const cannot_be_sent& item) {
    return item.value;
}

} // namespace

template <>
struct procpool::codec<cannot_be_sent> {
    static void encode(encoder& out, const cannot_be_sent& value) {
        if (value.value < 0)
            throw std::domain_error("less than nothing");
        out.write(value.value);
    }
    static cannot_be_sent decode(decoder& in) { return {in.read<int>()}; }
};

BOOST_FIXTURE_TEST_SUITE(stream_failures, nothing_left_behind)

BOOST_AUTO_TEST_CASE(an_item_that_fails_throws_in_its_place) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 2U, 10U}) {
        auto stream = pool.imap(procpool::fn<not_for_three>, numbers(20), {.chunk_size = chunk});
        for (int i = 0; i != 20; ++i) {
            if (i % 3 != 0) {
                BOOST_TEST(stream.next().value() == i);
                continue;
            }
            try {
                static_cast<void>(stream.next());
                BOOST_ERROR("it does not throw");
            } catch (const std::out_of_range& e) {
                BOOST_TEST(e.what() == "no " + std::to_string(i));
                const auto* info = procpool::get_remote_info(e);
                BOOST_REQUIRE(info);
                BOOST_TEST(info->item_index.value() == static_cast<std::size_t>(i));
            }
        }
        BOOST_TEST(!stream.next());
    }
}

BOOST_AUTO_TEST_CASE(an_iterator_throws_when_it_is_read_and_goes_on) {
    procpool::pool pool(2);
    auto stream = pool.imap(procpool::fn<not_for_three>, numbers(10));
    ints good;
    int bad = 0;
    for (auto it = stream.begin(); it != stream.end(); ++it) {
        try {
            good.push_back(*it);
        } catch (const std::out_of_range&) {
            ++bad;
        }
    }
    BOOST_TEST((good == ints{1, 2, 4, 5, 7, 8}));
    BOOST_TEST(bad == 4);
}

BOOST_AUTO_TEST_CASE(an_item_that_cannot_be_sent_fails_in_its_place) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 3U, 100U}) {
        std::vector<cannot_be_sent> items;
        for (int i = 0; i != 40; ++i)
            items.push_back({i < 10 || i >= 30 ? i : -1}); // twenty in a row
        auto stream = pool.imap(procpool::fn<value_of>, items, {.chunk_size = chunk});
        for (int i = 0; i != 40; ++i) {
            if (items[static_cast<std::size_t>(i)].value < 0)
                BOOST_CHECK_THROW(stream.next(), std::domain_error);
            else
                BOOST_TEST(stream.next().value() == i);
        }
        BOOST_TEST(!stream.next());
    }
}

BOOST_AUTO_TEST_CASE(a_worker_that_dies_costs_its_item_alone) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 8U}) {
        auto stream = pool.imap(procpool::fn<exit_at_five>, numbers(20), {.chunk_size = chunk});
        for (int i = 0; i != 20; ++i) {
            if (i == 5)
                BOOST_CHECK_THROW(stream.next(), procpool::worker_lost);
            else
                BOOST_TEST(stream.next().value() == i);
        }
        BOOST_TEST(!stream.next());
    }
}

BOOST_AUTO_TEST_CASE(retries_are_for_each_item) {
    const temporary_folder folder;
    procpool::pool pool(2);
    std::vector<std::pair<std::string, int>> items;
    for (int i = 0; i != 10; ++i)
        items.emplace_back(folder.file("seen"), i);
    BOOST_TEST((all_of(pool.imap(procpool::fn<exit_once>, items, {.retries = 1})) == numbers(10)));
}

BOOST_AUTO_TEST_CASE(a_time_out_is_for_each_item) {
    const temporary_folder folder;
    procpool::pool pool(procpool::pool_options{.processes = 2, .terminate_grace = 10ms});
    const std::vector<std::string> items{"", folder.file("never"), "", ""};
    auto stream = pool.imap(procpool::fn<wait_for>, items, {.chunk_size = 4, .timeout = 300ms});
    BOOST_TEST(stream.next().value().empty());
    BOOST_CHECK_THROW(stream.next(), procpool::task_timeout);
    BOOST_TEST(stream.next().value().empty());
    BOOST_TEST(stream.next().value().empty());
    BOOST_TEST(!stream.next());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
