// Distributed under the Boost Software License, Version 1.0. See LICENSE.
// Bytes that are no encoding.
#include <procpool/decoder.hpp>
#include <procpool/detail/codec/elements.hpp>

#include "support/round_trip.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <forward_list>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

using procpool::codec_error;
using procpool::test::bytes;
using procpool::test::decode;
using procpool::test::encode;

namespace {

template <class T>
void rejects(const bytes& from) {
    BOOST_CHECK_THROW(decode<T>(from), codec_error);
}

struct node {
    std::unique_ptr<node> next;
};
struct tree {
    std::vector<tree> children;
};
struct large {
    std::array<double, 64> numbers;
    std::optional<std::tuple<int, std::vector<large>>> inner;
};
struct chain {
    std::shared_ptr<chain> next;
};
struct answers {
    int number;
    bool yes[2];
    std::array<bool, 2> no;
};

struct everything {
    std::vector<std::pair<std::string, std::optional<double>>> pairs;
    std::map<int, std::variant<std::string, std::vector<bool>, answers>> map;
    std::unordered_map<std::string, std::shared_ptr<std::u16string>> texts;
    std::forward_list<std::set<std::tuple<int, char>>> sets;
    std::vector<answers> plain;
    std::unique_ptr<everything> next;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_count_beyond_the_bytes_is_rejected_before_memory_is_taken) {
    for (const std::uint64_t count :
         {std::uint64_t{1}, std::uint64_t{1} << 40, UINT64_MAX, UINT64_MAX / 8 + 2}) {
        const bytes lie = encode(count);
        rejects<std::string>(lie);
        rejects<std::vector<double>>(lie);
        rejects<std::vector<bool>>(lie);
        rejects<std::vector<std::string>>(lie);
        rejects<std::vector<std::tuple<>>>(lie);
        rejects<std::forward_list<int>>(lie);
        rejects<std::map<int, int>>(lie);
        rejects<std::unordered_map<int, std::string>>(lie);
    }
}

BOOST_AUTO_TEST_CASE(a_byte_that_is_no_bool_is_rejected) {
    const bytes two{std::byte{2}};
    rejects<bool>(two);
    rejects<std::optional<char>>(two);
    rejects<std::unique_ptr<char>>(two);
    rejects<std::array<bool, 1>>(two);
    rejects<std::tuple<bool>>(two);
    bytes one_element = encode(std::uint64_t{1});
    one_element.push_back(std::byte{2});
    rejects<std::vector<bool>>(one_element);

    bytes in_class = encode(answers{1, {true, false}, {false, true}});
    in_class[sizeof(int) + 1] = std::byte{7};
    rejects<answers>(in_class);
    in_class[sizeof(int) + 1] = std::byte{1};
    BOOST_TEST(decode<answers>(in_class).yes[1]);
    in_class[sizeof(int) + 2] = std::byte{7};
    rejects<answers>(in_class);
}

BOOST_AUTO_TEST_CASE(an_alternative_that_is_not_there_is_rejected) {
    rejects<std::variant<char, unsigned char>>({std::byte{2}, std::byte{0}});
}

BOOST_AUTO_TEST_CASE(a_list_of_a_million_nodes_does_not_overflow_the_stack) {
    rejects<std::unique_ptr<node>>(bytes(1'000'000, std::byte{1}));
    bytes deep;
    for (int i = 0; i != 100'000; ++i)
        for (const std::byte each : encode(std::uint64_t{1}))
            deep.push_back(each);
    rejects<tree>(deep);
}

BOOST_AUTO_TEST_CASE(nesting_up_to_the_limit_comes_back) {
    node list;
    node* last = &list;
    for (unsigned i = 0; i != procpool::detail::nesting::limit; ++i) {
        last->next = std::make_unique<node>();
        last = last->next.get();
    }
    BOOST_TEST(decode<node>(encode(list)).next != nullptr);
    last->next = std::make_unique<node>();
    BOOST_CHECK_THROW(encode(list), codec_error);
}

// Of the types that take the most of the stack for a level.
BOOST_AUTO_TEST_CASE(nesting_of_large_values_up_to_the_limit_comes_back) {
    large outermost{};
    large* last = &outermost;
    for (unsigned i = 0; i != procpool::detail::nesting::limit; ++i) {
        auto& inner = std::get<1>(last->inner.emplace());
        inner.emplace_back();
        last = &inner.front();
    }
    BOOST_TEST(decode<large>(encode(outermost)).inner.has_value());
}

BOOST_AUTO_TEST_CASE(a_cycle_of_pointers_is_rejected_by_the_encoder) {
    const auto first = std::make_shared<chain>();
    first->next = std::make_shared<chain>(chain{first});
    BOOST_CHECK_THROW(encode(first), codec_error);
    first->next->next.reset();
}

BOOST_AUTO_TEST_CASE(damaged_bytes_are_a_value_or_a_codec_error) {
    everything value{{{"one", 1.0}, {"none", {}}},
                     {{1, "text"}, {2, std::vector<bool>(9, true)}, {3, answers{1, {true, false}, {}}}},
                     {{"k", std::make_shared<std::u16string>(u"wide")}, {"null", nullptr}},
                     {{{1, 'a'}, {2, 'b'}}, {}},
                     {answers{2, {}, {}}, answers{3, {}, {}}},
                     std::make_unique<everything>()};
    value.next->pairs.assign(20, {"again", 2.0});
    const bytes whole = encode(value);
    std::mt19937 random(1);
    std::size_t rejected = 0;
    for (int run = 0; run != 20'000; ++run) {
        bytes damaged = whole;
        for (std::size_t i = 0; i <= random() % 3; ++i)
            damaged[random() % damaged.size()] =
                static_cast<std::byte>(random() % 4 == 0 ? random() : random() % 3);
        if (random() % 8 == 0)
            damaged.resize(random() % damaged.size());
        try {
            procpool::decoder in(damaged);
            static_cast<void>(in.read<everything>());
        } catch (const codec_error&) {
            ++rejected;
        }
    }
    BOOST_TEST(rejected > 1000u);
}

BOOST_AUTO_TEST_CASE(a_decoder_says_what_is_left) {
    const bytes data = encode(std::tuple(1, 2));
    procpool::decoder in(data);
    BOOST_TEST(in.remaining() == 8u);
    BOOST_TEST(in.read<int>() == 1);
    BOOST_TEST(in.view_bytes(4).data() == data.data() + 4);
    BOOST_TEST(in.remaining() == 0u);
    in.align(8);
    BOOST_CHECK_THROW(in.view_bytes(1), codec_error);
    in.read_bytes(nullptr, 0);
}
