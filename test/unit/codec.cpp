// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/codec.hpp>

#include "support/round_trip.hpp"

#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <bitset>
#include <chrono>
#include <complex>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

using procpool::encodable;
using procpool::test::round_trip;

namespace {

template <class T>
bool comes_back(const T& value) {
    return round_trip(value) == value;
}

enum class colour : std::uint16_t { red = 1, blue = 700 };

struct point {
    int x;
    double y;
    bool operator==(const point&) const = default;
};

// Neither default constructible nor copyable.
class ticket {
  public:
    explicit ticket(int number) : number_(std::make_unique<int>(number)) {}
    int number() const { return *number_; }
    bool operator==(const ticket& other) const { return number() == other.number(); }
    auto operator<=>(const ticket& other) const { return number() <=> other.number(); }

  private:
    std::unique_ptr<int> number_;
};

// Trivially copyable, opaque, not default constructible.
class degrees {
  public:
    explicit degrees(double value) : value_(value) {}
    bool operator==(const degrees&) const = default;

  private:
    double value_;
};

// Plain by its members, but its author has given it a codec.
struct doubled {
    int value;
    bool operator==(const doubled&) const = default;
};

struct flag {
    bool set = false;
};

/// A byte that changes when an element is copied, as if another process changed it.
std::byte* being_changed = nullptr;

template <class T>
struct changing_allocator : std::allocator<T> {
    template <class U>
    struct rebind {
        using other = changing_allocator<U>;
    };
    changing_allocator() = default;
    template <class U>
    changing_allocator(const changing_allocator<U>&) noexcept {}

    template <class U, class... From>
    void construct(U* at, From&&... from) {
        if (being_changed != nullptr)
            *being_changed = std::byte{2};
        ::new (static_cast<void*>(at)) U(std::forward<From>(from)...);
    }
};

} // namespace

template <>
struct procpool::codec<ticket> {
    static void encode(encoder& out, const ticket& value) { out.write(value.number()); }
    static ticket decode(decoder& in) { return ticket(in.read<int>()); }
};

template <>
struct procpool::codec<doubled> {
    static void encode(encoder& out, const doubled& value) { out.write(2 * value.value); }
    static doubled decode(decoder& in) { return {in.read<int>() / 2}; }
};

BOOST_AUTO_TEST_CASE(plain_values_come_back) {
    BOOST_TEST(comes_back(42));
    BOOST_TEST(comes_back(true));
    BOOST_TEST(comes_back('c'));
    BOOST_TEST(comes_back(-1.5L));
    BOOST_TEST(comes_back(UINT64_MAX));
    BOOST_TEST(comes_back(colour::blue));
    BOOST_TEST(comes_back(std::byte{200}));
    BOOST_TEST(comes_back(point{1, 2.5}));
    BOOST_TEST(comes_back(degrees(90)));
    BOOST_TEST(comes_back(std::complex<double>(1, 2)));
    BOOST_TEST(comes_back(std::bitset<70>("1011")));
    BOOST_TEST(comes_back(std::chrono::milliseconds(5)));
    BOOST_TEST(comes_back(std::chrono::system_clock::time_point(std::chrono::seconds(7))));
    BOOST_TEST(comes_back(std::chrono::year(2020) / 2 / 29));
    BOOST_TEST(comes_back(std::monostate()));
}

BOOST_AUTO_TEST_CASE(sequences_come_back_at_any_size) {
    for (const std::size_t size : {0u, 1u, 2u, 255u, 256u, 1023u, 5000u}) {
        BOOST_TEST(comes_back(std::vector<double>(size, 1.5)));
        BOOST_TEST(comes_back(std::string(size, 'x')));
        BOOST_TEST(comes_back(std::vector<bool>(size, true)));
        BOOST_TEST(comes_back(std::vector<std::string>(size, "text")));
        BOOST_TEST(comes_back(std::deque<int>(size, 3)));
        BOOST_TEST(comes_back(std::list<std::string>(size, "s")));
        BOOST_TEST(comes_back(std::forward_list<int>(size, 4)));
        BOOST_TEST(comes_back(std::vector<degrees>(size, degrees(1))));
        BOOST_TEST(comes_back(std::vector<std::pair<int, double>>(size, {1, 2})));
    }
}

BOOST_AUTO_TEST_CASE(elements_keep_their_order_and_strings_their_zeros) {
    BOOST_TEST(comes_back(std::vector<int>{3, 1, 2}));
    BOOST_TEST(comes_back(std::vector<bool>{true, false, false, true}));
    BOOST_TEST(comes_back(std::forward_list<std::string>{"c", "", "a"}));
    BOOST_TEST(comes_back(std::string("a\0b", 3)));
    BOOST_TEST(comes_back(std::wstring(L"wide")));
    BOOST_TEST(comes_back(std::u8string(u8"\u00e4")));
    BOOST_TEST(comes_back(std::u16string(u"sixteen")));
    BOOST_TEST(comes_back(std::u32string(U"thirty-two")));
    BOOST_TEST(comes_back(std::filesystem::path("/some/where.txt")));
}

BOOST_AUTO_TEST_CASE(a_vector_behind_an_odd_number_of_bytes_comes_back) {
    std::vector<double> many(3000);
    for (std::size_t i = 0; i != many.size(); ++i)
        many[i] = static_cast<double>(i);
    BOOST_TEST(comes_back(std::tuple('c', many, 'd', many)));
}

BOOST_AUTO_TEST_CASE(associative_containers_come_back) {
    BOOST_TEST(comes_back(std::map<std::string, int>{{"a", 1}, {"b", 2}}));
    BOOST_TEST(comes_back(std::multimap<int, std::string>{{1, "first"}, {1, "second"}, {0, "x"}}));
    BOOST_TEST(comes_back(std::set<std::string>{"x", "y"}));
    BOOST_TEST(comes_back(std::multiset<int>{1, 1, 2}));
    BOOST_TEST(comes_back(std::unordered_map<int, std::vector<int>>{{1, {2, 3}}, {4, {}}}));
    BOOST_TEST(comes_back(std::unordered_multimap<int, int>{{1, 1}, {1, 1}, {2, 2}}));
    BOOST_TEST(comes_back(std::unordered_set<std::string>{"p", "q"}));
    BOOST_TEST(comes_back(std::unordered_multiset<int>{7, 7}));
    BOOST_TEST(comes_back(std::map<int, int, std::greater<>>{{1, 1}, {2, 2}}));
}

BOOST_AUTO_TEST_CASE(vocabulary_types_come_back) {
    BOOST_TEST(comes_back(std::array<int, 3>{1, 2, 3}));
    BOOST_TEST(comes_back(std::array<std::string, 2>{"a", "b"}));
    BOOST_TEST(comes_back(std::array<std::string, 0>{}));
    BOOST_TEST((comes_back(std::pair<const int, std::string>(1, "one"))));
    BOOST_TEST(comes_back(std::tuple<>()));
    BOOST_TEST(comes_back(std::tuple<std::tuple<int>>(std::tuple<int>(1))));
    BOOST_TEST(comes_back(std::tuple(1, std::string("two"), 3.0, std::vector{4})));
    BOOST_TEST(comes_back(std::optional<std::string>()));
    BOOST_TEST(comes_back(std::optional<std::string>("full")));
    BOOST_TEST(comes_back(std::optional<std::optional<int>>(std::optional<int>())));
    using choice = std::variant<std::monostate, int, std::string, int>;
    BOOST_TEST(comes_back(choice()));
    BOOST_TEST(comes_back(choice(std::in_place_index<2>, "text")));
    BOOST_TEST(comes_back(choice(std::in_place_index<3>, 5)));
}

BOOST_AUTO_TEST_CASE(pointers_that_own_travel_by_value) {
    BOOST_TEST(round_trip(std::unique_ptr<int>()) == nullptr);
    BOOST_TEST(*round_trip(std::make_unique<std::string>("owned")) == "owned");
    BOOST_TEST(*round_trip(std::make_shared<const int>(4)) == 4);
    const auto shared = std::make_shared<int>(1);
    const auto two = round_trip(std::vector{shared, shared});
    BOOST_TEST(*two[0] == *two[1]);
    BOOST_TEST(two[0] != two[1]);
}

BOOST_AUTO_TEST_CASE(a_specialisation_of_codec_wins_at_every_depth) {
    BOOST_TEST(procpool::test::encode(doubled{21}) == procpool::test::encode(42));
    BOOST_TEST(procpool::test::encode(std::tuple(doubled{21})) == procpool::test::encode(42));
    struct around {
        doubled inner;
    };
    static_assert(!procpool::detail::is_plain<around>);
    BOOST_TEST(procpool::test::encode(around{{21}}) == procpool::test::encode(42));
    BOOST_TEST(comes_back(std::array{doubled{1}, doubled{2}}));
}

BOOST_AUTO_TEST_CASE(elements_need_neither_default_construction_nor_copies) {
    std::vector<ticket> tickets;
    tickets.emplace_back(1);
    tickets.emplace_back(2);
    BOOST_TEST(comes_back(tickets));
    BOOST_TEST(comes_back(std::optional<ticket>(std::in_place, 3)));
    BOOST_TEST(comes_back(std::array<ticket, 2>{ticket(4), ticket(5)}));
    BOOST_TEST(comes_back(std::tuple<ticket, int>(ticket(6), 7)));
    BOOST_TEST((comes_back(std::variant<ticket, int>(ticket(8)))));
    std::list<ticket> list;
    list.emplace_back(9);
    BOOST_TEST(comes_back(list));
    std::map<ticket, ticket> map;
    map.emplace(ticket(10), ticket(11));
    BOOST_TEST(comes_back(map));
    std::set<ticket> set;
    set.emplace(12);
    BOOST_TEST(comes_back(set));
    BOOST_TEST(round_trip(std::make_unique<ticket>(13))->number() == 13);
}

BOOST_AUTO_TEST_CASE(bytes_that_change_while_they_are_read_yield_no_bool_that_is_none) {
    auto whole = procpool::test::encode(std::vector<flag>(8, flag{true}));
    being_changed = &whole.back();
    procpool::decoder in(whole);
    BOOST_CHECK_THROW((in.read<std::vector<flag, changing_allocator<flag>>>()), procpool::codec_error);
    being_changed = nullptr;
}

BOOST_AUTO_TEST_CASE(elements_without_bytes_are_counted) {
    BOOST_TEST(round_trip(std::vector<std::tuple<>>(1000)).size() == 1000u);
    BOOST_TEST((round_trip(std::list<std::array<int, 0>>(3)).size()) == 3u);
}

namespace {
struct incomplete_pointer {
    struct hidden* pointer;
};
struct abstract {
    virtual ~abstract() = default;
    virtual void f() = 0;
};
struct from_vector : std::vector<int> {
    using std::vector<int>::vector;
    int lost = 0;
};
} // namespace

BOOST_AUTO_TEST_CASE(what_holds_an_address_or_no_value_is_not_encodable) {
    static_assert(!encodable<int*> && !encodable<const char*> && !encodable<int point::*> &&
                  !encodable<void (*)()>);
    static_assert(!encodable<int&> && !encodable<void> && !encodable<int()> && !encodable<int[3]>);
    static_assert(!encodable<std::nullptr_t> && !encodable<incomplete_pointer>);
    static_assert(!encodable<std::reference_wrapper<int>> && !encodable<std::tuple<int&>>);
    static_assert(!encodable<std::span<int>> && !encodable<std::span<const int>> &&
                  !encodable<std::string_view>);
    static_assert(!encodable<std::vector<int>::iterator> && !encodable<std::initializer_list<int>>);
    static_assert(!encodable<std::unique_ptr<int[]>> && !encodable<std::shared_ptr<void>>);
    static_assert(!encodable<std::vector<std::array<std::optional<int*>, 2>>>);
    static_assert(!encodable<std::atomic<int>> && !encodable<std::mutex>);
    static_assert(!encodable<abstract> && !encodable<std::unique_ptr<abstract>>);
    static_assert(!encodable<from_vector>);
    static_assert(encodable<const int> && encodable<const std::vector<const point*>> == false);
}
