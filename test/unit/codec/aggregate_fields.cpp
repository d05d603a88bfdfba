// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/codec/aggregate.hpp>

#include <boost/test/unit_test.hpp>

#include <any>
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

using procpool::detail::field_types;
using procpool::detail::mp_list;
using procpool::detail::shape;
using procpool::detail::shape_of;

namespace {

template <class T>
constexpr bool has_fields(std::size_t fields) {
    return shape_of<T>.what == shape::fields && shape_of<T>.fields == fields;
}

struct needs_value {
    explicit needs_value(int);
    needs_value(needs_value&&);
};

struct none {};
struct one {
    int x;
};
struct constant {
    const int x;
    const std::string s;
};
struct bits {
    unsigned a : 3;
    unsigned b : 5;
    bool c : 1;
};
struct demanding {
    std::unique_ptr<int> pointer;
    std::optional<std::string> optional;
    std::variant<int, std::string> variant;
    std::vector<demanding> children;
    std::shared_ptr<demanding> next;
    std::array<int, 3> numbers;
    std::array<std::unique_ptr<int>, 2> pointers;
    std::map<int, std::string> map;
    std::function<void()> function;
    std::any any;
    std::pair<int, std::string> pair;
    none empty;
    one nested;
    needs_value first;
    needs_value second;
    std::optional<needs_value> maybe;
    std::array<needs_value, 2> both;
};

struct arrays {
    int a[3];
    int b;
};
struct nested_arrays {
    char text[2][3];
    std::string names[2];
    needs_value last;
};
struct arrays_that_must_be_filled {
    needs_value a[3];
    needs_value b[2][2];
    int k;
    needs_value c;
};
struct array_of_one {
    int a[1];
    needs_value b;
};

struct reference {
    int& r;
    int q;
};
struct const_reference {
    const int& r;
};

struct base {
    int b;
};
struct derived : base {
    int x;
};
struct derived_of_empty : none {
    int x;
};
struct anonymous_union {
    union {
        int a;
        float b;
    };
    int c;
};
struct named_union {
    anonymous_union before;
    union either {
        int a;
        float b;
    } u;
};
struct large {
    char text[256];
};

} // namespace

BOOST_AUTO_TEST_CASE(fields_of_every_kind_are_counted) {
    static_assert(has_fields<none>(0) && has_fields<one>(1) && has_fields<constant>(2));
    static_assert(has_fields<bits>(3) && has_fields<demanding>(17));
    static_assert(std::is_same_v<field_types<bits>, mp_list<const unsigned, const unsigned, const bool>>);
    BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(an_array_is_one_field) {
    static_assert(has_fields<arrays>(2) && has_fields<nested_arrays>(3) && has_fields<array_of_one>(2));
    static_assert(has_fields<arrays_that_must_be_filled>(4));
    static_assert(std::is_same_v<field_types<nested_arrays>,
                                 mp_list<const char[2][3], const std::string[2], const needs_value>>);
    static_assert(std::is_same_v<field_types<array_of_one>, mp_list<const int[1], const needs_value>>);
    BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(references_are_seen) {
    static_assert(shape_of<reference>.what == shape::reference);
    static_assert(std::is_same_v<field_types<const_reference>, mp_list<const int&>>);
    BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(what_structured_bindings_cannot_take_apart_is_opaque) {
    static_assert(shape_of<derived>.what == shape::opaque &&
                  shape_of<derived_of_empty>.what == shape::opaque);
    static_assert(shape_of<anonymous_union>.what == shape::opaque &&
                  shape_of<named_union>.what == shape::opaque);
    static_assert(shape_of<large>.what == shape::opaque);
    BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(fields_are_visited_in_their_order) {
    const auto digits = [](const auto& a, const auto& b, const auto& c) {
        return a * 100 + b * 10 + c;
    };
    BOOST_TEST(procpool::detail::with_fields(bits{1, 2, true}, digits) == 121u);
}
