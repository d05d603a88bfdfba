// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/channel_parts.hpp"
#include "support/integration_main.hpp"
#include "support/open_descriptors.hpp"
#include "support/response_channel.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

// Objects that a worker keeps alive for results that the parent has not read.
namespace channel = procpool::channel;
namespace test = procpool::test;
using bytes = std::vector<std::byte>;
using channel::record_kind;
using test::outcome;
using test::outcomes;
using test::pattern;

namespace {

struct fixture : test::same_descriptors_after, test::response_channel {
    fixture() : response_channel(4 << 20) { writer.begin_frame(0); }

    test::record_parser parser{[](std::uint64_t) {
        return std::optional<std::size_t>();
    }};
    outcomes got;

    /// Writes a value that keeps an object; returns a weak pointer to the object.
    std::weak_ptr<int> write_keeping(std::uint32_t item, const bytes& value) {
        auto object = std::make_shared<int>(1);
        const std::weak_ptr<int> watched = object;
        auto& out = writer.begin_value(item);
        out.write_bytes(value.data(), value.size() / 2);
        out.keep(std::move(object));
        out.write_bytes(value.data() + value.size() / 2, value.size() - value.size() / 2);
        writer.end_value();
        return watched;
    }

    outcomes& collected() {
        collect(parser, got);
        return got;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(kept_objects, fixture)

BOOST_AUTO_TEST_CASE(what_a_value_keeps_is_kept_until_the_parent_has_read_it) {
    for (const auto size : std::initializer_list<std::size_t>{0, 1, 10'000, 20'000, 200'000}) {
        got.clear();
        write_value(0, pattern(7, 1));
        const auto watched = write_keeping(1, pattern(size, 2));
        write_value(2, pattern(8, 3));
        writer.flush();
        BOOST_TEST(writer.keeps_something());
        std::vector<std::uint32_t> slots;
        collect(parser, got, &slots);
        BOOST_TEST(slots.size() == 1u);
        writer.let_go();
        BOOST_TEST(!writer.can_let_go());
        BOOST_TEST(!watched.expired());
        channel::response_reader::release_slot(control, slots.at(0));
        BOOST_TEST(writer.can_let_go());
        writer.let_go();
        BOOST_TEST(watched.expired());
        BOOST_TEST(!writer.keeps_something());
        BOOST_TEST(got.size() == 3u);
        BOOST_TEST((got.at({0, 0}) == outcome{record_kind::values, pattern(7, 1)}));
        BOOST_TEST((got.at({0, 1}) == outcome{record_kind::values, pattern(size, 2)}));
        BOOST_TEST((got.at({0, 2}) == outcome{record_kind::values, pattern(8, 3)}));
    }
}

BOOST_AUTO_TEST_CASE(what_was_read_is_let_go_of_when_more_is_published) {
    const auto watched = write_keeping(0, pattern(10, 1));
    collected();
    BOOST_TEST(!watched.expired());
    write_value(1, pattern(10, 2));
    writer.flush();
    BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_CASE(an_abandoned_value_keeps_nothing) {
    auto object = std::make_shared<int>(1);
    const std::weak_ptr<int> watched = object;
    write_value(0, pattern(7, 1));
    writer.begin_value(1).keep(std::move(object));
    writer.abandon_value();
    BOOST_TEST(watched.expired());
    write_exception(1, pattern(9, 3));
    BOOST_TEST(!writer.keeps_something());
    BOOST_TEST(collected().size() == 2u);
}

BOOST_AUTO_TEST_CASE(more_values_that_keep_something_than_slots_wait_for_the_parent) {
    std::vector<std::weak_ptr<int>> watched;
    std::thread parent([&] {
        while (got.size() != 3 * channel::result_slots)
            collected();
    });
    for (std::uint32_t i = 0; i != 3 * channel::result_slots; ++i)
        watched.push_back(write_keeping(i, pattern(10, i)));
    parent.join();
    writer.let_go();
    BOOST_TEST(std::all_of(watched.begin(), watched.end(), [](const auto& each) { return each.expired(); }));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return test::integration_main(argc, argv);
}
