// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec/serialization.hpp>

#include "support/round_trip.hpp"
#include "support/serialized_classes.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <complex>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <boost/serialization/complex.hpp>

using procpool::codec_error;
using procpool::encodable;
using procpool::detail::kind_of;
using procpool::detail::value_kind;
using procpool::test::decode;
using procpool::test::encode;
using procpool::test::round_trip;

namespace {

template <class T>
bool comes_back(const T& value) {
    return round_trip(value) == value;
}

/// Loads less than it saved.
struct forgetful {
    std::string text;
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& text;
        int more = 7;
        if (Archive::is_saving::value)
            archive& more;
    }
};
/// Loads more than it saved.
struct greedy {
    std::vector<int> numbers;
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        if (Archive::is_loading::value)
            archive& numbers;
    }
};

struct own_codec {
    int value = 0;
    template <class Archive>
    void serialize(Archive&, unsigned) {}
};

/// Has members that are serialized, also in containers and aggregates.
struct report {
    std::string title;
    std::vector<serialized::label> labels;
    std::optional<serialized::account> account;
    bool operator==(const report&) const = default;
};

struct without {
    std::unique_ptr<int[]> numbers;
    explicit without(int);
};

/// The bytes that are read, which change between two members, as if another process changed them.
std::vector<std::byte>* being_read = nullptr;

struct changing {
    int first = 0;
    int second = 0;
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& first;
        if (being_read != nullptr)
            std::fill(being_read->begin(), being_read->end(), std::byte{0x55});
        archive& second;
    }
};

} // namespace

template <>
struct procpool::codec<own_codec> {
    static void encode(encoder& out, const own_codec& value) { out.write(value.value); }
    static own_codec decode(decoder& in) { return {in.read<int>()}; }
};

BOOST_AUTO_TEST_CASE(private_members_come_back_without_a_public_constructor) {
    static_assert(!std::is_default_constructible_v<serialized::account>);
    BOOST_TEST(comes_back(serialized::account("me", {1, -2, 30})));
    BOOST_TEST(comes_back(serialized::account(std::string("\0x", 2), {})));
}

BOOST_AUTO_TEST_CASE(an_archive_is_read_from_a_copy_that_was_checked) {
    auto whole = encode(changing{1, 2});
    being_read = &whole;
    procpool::decoder in(whole);
    const auto value = in.read<changing>();
    being_read = nullptr;
    BOOST_TEST(value.second == 2);
}

BOOST_AUTO_TEST_CASE(functions_are_found_in_both_namespaces) {
    BOOST_TEST(comes_back(serialized::label{"text"}));
    BOOST_TEST(comes_back(serialized::distance(1.5)));
}

BOOST_AUTO_TEST_CASE(versions_are_told_on_both_sides) {
    const auto value = round_trip(serialized::versioned{});
    BOOST_TEST(value.saved_with == 3U);
    BOOST_TEST(value.loaded_with == 3U);
}

BOOST_AUTO_TEST_CASE(what_has_no_default_constructor_is_constructed_from_what_was_saved) {
    BOOST_TEST(round_trip(serialized::celsius(36.6)).degrees() == 36.6);
}

BOOST_AUTO_TEST_CASE(a_class_that_says_how_it_travels_travels_so) {
    BOOST_TEST((round_trip(serialized::with_memory{5, 6}) == serialized::with_memory{5, -1}));
    const auto value = round_trip(serialized::described{"kept", "left out"});
    BOOST_TEST(value.kept == "kept");
    BOOST_TEST(value.left_out == "");
}

BOOST_AUTO_TEST_CASE(a_specialisation_of_codec_comes_first) {
    BOOST_TEST(round_trip(own_codec{4}).value == 4);
}

BOOST_AUTO_TEST_CASE(what_the_standard_library_has_is_not_serialized) {
    static_assert(kind_of<std::vector<int>>() == value_kind::contiguous);
    static_assert(kind_of<std::string>() == value_kind::contiguous);
    static_assert(kind_of<std::map<int, int>>() == value_kind::associative);
    static_assert(kind_of<std::shared_ptr<int>>() == value_kind::owner);
    static_assert(kind_of<std::complex<double>>() == value_kind::plain);
    BOOST_TEST(encode(std::vector<int>{1, 2}).size() == 16U);
}

BOOST_AUTO_TEST_CASE(bitwise_serializable_classes_travel_as_their_bytes) {
    static_assert(kind_of<serialized::bitwise>() == value_kind::plain);
    BOOST_TEST(comes_back(serialized::bitwise{1, 2}));
}

BOOST_AUTO_TEST_CASE(another_serialize_changes_nothing) {
    static_assert(kind_of<serialized::to_text>() == value_kind::plain);
    static_assert(!encodable<without>);
}

BOOST_AUTO_TEST_CASE(pointers_are_followed_and_keep_what_they_share) {
    serialized::drawing value;
    auto square = std::make_shared<serialized::square>();
    square->side = 3;
    square->name = "s";
    value.shapes = {square, nullptr, square};
    value.frame = std::make_unique<serialized::square>(*square);
    procpool::detail::heap_encoder out;
    out.write(value);
    const auto back = decode<serialized::drawing>(out.bytes());
    BOOST_REQUIRE(back.shapes.size() == 3U);
    BOOST_TEST(back.shapes[0]->area() == 9);
    BOOST_TEST(back.shapes[0]->name == "s");
    BOOST_TEST(back.shapes[1] == nullptr);
    BOOST_TEST(back.shapes[2] == back.shapes[0]);
    BOOST_TEST(back.frame->area() == 9);

    serialized::chain links;
    for (int i = 0; i != 5; ++i)
        links.add(i);
    auto copy = decode<serialized::chain>(encode(links));
    BOOST_TEST((copy.take() == std::vector<int>{4, 3, 2, 1, 0}));
    links.take();
}

BOOST_AUTO_TEST_CASE(they_travel_inside_of_everything_else) {
    using serialized::account;
    using serialized::label;
    const account one("a", {1});
    BOOST_TEST(comes_back(std::vector{one, account("b", {}), one}));
    BOOST_TEST(comes_back(std::optional(one)));
    BOOST_TEST(comes_back(std::map<label, account>{{{"x"}, one}, {{"y"}, one}}));
    BOOST_TEST(comes_back(std::tuple(1, one, std::string("after"))));
    BOOST_TEST(comes_back(std::array{label{"1"}, label{"2"}}));
    BOOST_TEST(comes_back(std::variant<int, label>(label{"held"})));
    BOOST_TEST((*round_trip(std::make_shared<account>(one)) == one));
    BOOST_TEST(comes_back(report{"title", {{"a"}, {"b"}}, one}));
    BOOST_TEST(comes_back(report{"", {}, std::nullopt}));
}

BOOST_AUTO_TEST_CASE(big_values_come_back) {
    BOOST_TEST(comes_back(serialized::account(std::string(1'000'000, 'x'), std::vector<int>(100'000, 7))));
}

BOOST_AUTO_TEST_CASE(a_load_that_differs_from_its_save_harms_what_comes_after_no_more_than_itself) {
    procpool::detail::heap_encoder out;
    out.write(forgetful{"some"});
    out.write(greedy{});
    out.write(std::string("after"));
    procpool::decoder in(out.bytes());
    BOOST_TEST(in.read<forgetful>().text == "some");
    BOOST_CHECK_THROW(in.read<greedy>(), codec_error);
    BOOST_TEST(in.read<std::string>() == "after");
}

BOOST_AUTO_TEST_CASE(any_wrong_byte_is_a_codec_error) {
    const auto right = encode(serialized::account("somebody", {1, 2, 3}));
    for (std::size_t at = 0; at != right.size(); ++at)
        for (const unsigned change : {1U, 0x80U, 0xFFU}) {
            auto wrong = right;
            wrong[at] ^= static_cast<std::byte>(change);
            BOOST_CHECK_THROW(decode<serialized::account>(wrong), codec_error);
        }
}

BOOST_AUTO_TEST_CASE(garbage_is_a_codec_error) {
    for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 1000U})
        for (const unsigned value : {0U, 1U, 0x7FU, 0xFFU}) {
            const procpool::test::bytes garbage(size, static_cast<std::byte>(value));
            BOOST_CHECK_THROW(decode<serialized::account>(garbage), codec_error);
            BOOST_CHECK_THROW(decode<serialized::drawing>(garbage), codec_error);
        }
}
