// Distributed under the Boost Software License, Version 1.0. See LICENSE.
// Aggregates and described classes.
#include <procpool/codec.hpp>

#include "support/round_trip.hpp"

#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using procpool::codec_error;
using procpool::encodable;
using procpool::test::round_trip;

namespace {

template <class T>
bool comes_back(const T& value) {
    return round_trip(value) == value;
}

struct flags {
    unsigned low : 3;
    bool high : 1;
    bool operator==(const flags&) const = default;
};

struct number_or_text {
    union {
        int number;
        char text[4];
    };
    int which;
};

struct base {
    int b;
    bool operator==(const base&) const = default;
};
struct derived : base {
    int d;
    bool operator==(const derived&) const = default;
};

struct fixed_text {
    char text[300];
    int length;
    bool operator==(const fixed_text&) const = default;
};

struct inner {
    std::string name;
    std::optional<double> weight;
    bool operator==(const inner&) const = default;
};
struct outer {
    const int id = 1;
    std::vector<inner> parts;
    std::map<std::string, inner> by_name;
    flags bits;
    bool operator==(const outer&) const = default;
};

struct with_arrays {
    std::string names[2];
    int grid[2][2];
    bool flag;
    bool operator==(const with_arrays&) const = default;
};

struct tree {
    int value = 0;
    std::vector<tree> children;
    std::unique_ptr<tree> next;
};

struct empty {
    bool operator==(const empty&) const = default;
};
struct pair_of_empty {
    empty a;
    std::string s;
    empty b;
    bool operator==(const pair_of_empty&) const = default;
};

class account {
  public:
    account() = default;
    account(std::string owner, long balance) : owner_(std::move(owner)), balance_(balance) {}
    bool operator==(const account&) const = default;

  private:
    std::string owner_;
    long balance_ = 0;
    std::string history_[2] = {"a", "b"};
    BOOST_DESCRIBE_CLASS(account, (), (), (), (owner_, balance_, history_))
};

class shape {
  public:
    virtual ~shape() = default;
    virtual double area() const = 0;
    std::string name;
    BOOST_DESCRIBE_CLASS(shape, (), (name), (), ())
};
class square : public shape {
  public:
    double area() const override { return side * side; }
    double side = 0;
    BOOST_DESCRIBE_CLASS(square, (shape), (side), (), ())
};
class painted_square : public square {
  public:
    int paint = 0;
    BOOST_DESCRIBE_CLASS(painted_square, (square), (paint), (), ())
};

class described_pointer {
    int* p_ = nullptr;
    BOOST_DESCRIBE_CLASS(described_pointer, (), (), (), (p_))
};
class described_without_default {
  public:
    explicit described_without_default(std::string s) : s_(std::move(s)) {}

  private:
    std::string s_;
    BOOST_DESCRIBE_CLASS(described_without_default, (), (), (), (s_))
};

struct pointer_array {
    const char* texts[4];
};
struct const_reference {
    const int& value;
};

} // namespace

BOOST_AUTO_TEST_CASE(trivially_copyable_classes_of_any_shape_come_back) {
    BOOST_TEST(comes_back(flags{5, true}));
    BOOST_TEST(comes_back(derived{{1}, 2}));
    BOOST_TEST(comes_back(fixed_text{"hello", 5}));
    BOOST_TEST(round_trip(number_or_text{{7}, 0}).number == 7);
    BOOST_TEST(comes_back(empty()));
    static_assert(procpool::detail::is_plain<flags> && procpool::detail::is_plain<fixed_text>);
}

BOOST_AUTO_TEST_CASE(aggregates_need_no_annotation) {
    outer value{3, {{"a", 1.5}, {"b", {}}}, {{"key", {"c", 2}}}, {1, false}};
    BOOST_TEST(comes_back(value));
    BOOST_TEST(comes_back(pair_of_empty{{}, "between", {}}));
    BOOST_TEST(comes_back(std::vector<inner>(100, inner{"n", 1})));
}

BOOST_AUTO_TEST_CASE(arrays_in_aggregates_travel_element_by_element) {
    BOOST_TEST(comes_back(with_arrays{{"a", "b"}, {{1, 2}, {3, 4}}, true}));
}

BOOST_AUTO_TEST_CASE(a_class_may_own_others_of_its_kind) {
    tree root{1, {}, std::make_unique<tree>()};
    root.children.push_back(tree{2, {}, nullptr});
    root.next->value = 3;
    const tree back = round_trip(root);
    BOOST_TEST(back.children.at(0).value == 2);
    BOOST_TEST(back.next->value == 3);
    BOOST_TEST(back.next->next == nullptr);
}

BOOST_AUTO_TEST_CASE(described_classes_keep_their_private_members) {
    BOOST_TEST(comes_back(account("me", -5)));
    BOOST_TEST(comes_back(std::vector<account>(3, account("you", 9))));
}

BOOST_AUTO_TEST_CASE(a_described_class_travels_with_its_bases) {
    painted_square value;
    value.name = "red";
    value.side = 2;
    value.paint = 7;
    const auto back = round_trip(value);
    BOOST_TEST(back.name == "red");
    BOOST_TEST(back.area() == 4);
    BOOST_TEST(back.paint == 7);
}

BOOST_AUTO_TEST_CASE(a_pointer_to_a_base_does_not_cut_its_object_down) {
    const std::unique_ptr<square> whole = std::make_unique<square>();
    BOOST_TEST(round_trip(whole)->side == 0);
    const std::unique_ptr<square> cut = std::make_unique<painted_square>();
    BOOST_CHECK_THROW(procpool::test::encode(cut), codec_error);
}

BOOST_AUTO_TEST_CASE(classes_that_hold_addresses_are_not_encodable) {
    static_assert(!encodable<described_pointer> && !encodable<described_without_default>);
    static_assert(!encodable<pointer_array> && !encodable<const_reference>);
    static_assert(!encodable<shape> && encodable<square>);
    BOOST_TEST(true);
}
