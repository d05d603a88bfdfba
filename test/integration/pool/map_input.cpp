// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <array>
#include <cstddef>
#include <deque>
#include <forward_list>
#include <iterator>
#include <list>
#include <memory>
#include <ranges>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

// What map reads: any input range, in the caller's thread, before it returns.
using procpool::test::temporary_folder;

namespace {

int negate(int n) {
    return -n;
}

void record(const std::string& file, int n) {
    procpool::test::append_line(file, std::to_string(n));
}

/// An exception that is not a std::exception, and that another process could not return as the same object.
struct own_trouble {
    std::shared_ptr<int> identity;
};

/// The numbers 0, 1, 2 ... as an input range that throws `trouble` instead of item `at`.
template <class Trouble>
auto numbers_until(int at, const Trouble& trouble) {
    return std::views::iota(0) | std::views::transform([at, &trouble](int n) {
               if (n == at)
                   throw trouble;
               return n;
           });
}

/// Items can be read once, and only one iterator exists at a time.
class single_pass {
  public:
    explicit single_pass(int count) : left_(count) {}

    class iterator {
      public:
        using value_type = std::unique_ptr<int>;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        explicit iterator(single_pass& of) : of_(&of) {}
        iterator(iterator&&) = default;
        iterator& operator=(iterator&&) = default;

        std::unique_ptr<int> operator*() const { return std::make_unique<int>(of_->left_); }
        iterator& operator++() {
            --of_->left_;
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return of_->left_ == 0; }

      private:
        single_pass* of_ = nullptr;
    };
    iterator begin() { return iterator(*this); }
    std::default_sentinel_t end() const { return {}; }

  private:
    int left_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(map_input, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(any_container_can_be_read) {
    procpool::pool pool(2);
    const std::vector expected{0, -1, -2, -3};
    BOOST_TEST((pool.map(procpool::fn<negate>, std::list{0, 1, 2, 3}) == expected));
    BOOST_TEST((pool.map(procpool::fn<negate>, std::forward_list{0, 1, 2, 3}) == expected));
    BOOST_TEST((pool.map(procpool::fn<negate>, std::deque{0, 1, 2, 3}) == expected));
    BOOST_TEST((pool.map(procpool::fn<negate>, std::set{3, 1, 2, 0}) == expected));
    const std::array constant{0, 1, 2, 3};
    BOOST_TEST((pool.map(procpool::fn<negate>, constant) == expected));
    BOOST_TEST((pool.map(procpool::fn<negate>, std::span(constant)) == expected));
    int c_array[]{0, 1, 2, 3};
    BOOST_TEST((pool.map(procpool::fn<negate>, c_array) == expected));
}

BOOST_AUTO_TEST_CASE(views_need_not_know_their_length) {
    procpool::pool pool(2);
    const std::vector expected{0, -2, -4, -6};
    BOOST_TEST((pool.map(procpool::fn<negate>, std::views::iota(0, 4)) == std::vector{0, -1, -2, -3}));
    const auto is_even = [](int n) {
        return n % 2 == 0;
    };
    BOOST_TEST(
        (pool.map(procpool::fn<negate>, std::views::iota(0, 8) | std::views::filter(is_even)) == expected));
    BOOST_TEST((pool.map(procpool::fn<negate>, std::views::iota(0) | std::views::filter(is_even) |
                                                   std::views::take(4)) == expected));
    std::size_t wrong = 0;
    const auto many =
        pool.map(procpool::fn<negate>,
                 std::views::iota(0) | std::views::take_while([](int n) { return n != 50'000; }));
    for (std::size_t i = 0; i != many.size(); ++i)
        wrong += many[i] != -static_cast<int>(i);
    BOOST_TEST(many.size() == 50'000U);
    BOOST_TEST(wrong == 0U);
}

BOOST_AUTO_TEST_CASE(items_may_be_made_as_they_are_read) {
    procpool::pool pool(2);
    const auto to_text =
        std::views::transform([](int n) { return std::string(static_cast<std::size_t>(n), 'x'); });
    const auto length = [](const std::string& s) {
        return s.size();
    };
    BOOST_TEST((pool.map(length, std::views::iota(0, 4) | to_text) == std::vector<std::size_t>{0, 1, 2, 3}));
    const auto to_pair = std::views::transform([](int n) { return std::pair(n, std::to_string(n)); });
    BOOST_TEST((pool.starmap([](int n, const std::string& s) { return std::to_string(n) + s; },
                             std::views::iota(1, 3) | to_pair) == std::vector<std::string>{"11", "22"}));
}

BOOST_AUTO_TEST_CASE(a_stream_is_read_once) {
    procpool::pool pool(2);
    std::istringstream text("0 1 2 3");
    BOOST_TEST(
        (pool.map(procpool::fn<negate>, std::views::istream<int>(text)) == std::vector{0, -1, -2, -3}));
    std::istringstream more("4 5");
    auto view = std::views::istream<int>(more);
    BOOST_TEST((pool.map(procpool::fn<negate>, view) == std::vector{-4, -5}));
}

BOOST_AUTO_TEST_CASE(a_single_pass_range_of_what_can_only_be_moved_is_read) {
    procpool::pool pool(2);
    const auto out = pool.map([](std::unique_ptr<int> p) { return *p; }, single_pass(5));
    BOOST_TEST((out == std::vector{5, 4, 3, 2, 1}));
}

BOOST_AUTO_TEST_CASE(a_vector_of_bools_is_read) {
    procpool::pool pool(2);
    const std::vector<bool> flags{true, false, true, true};
    BOOST_TEST((pool.map([](bool b) { return b ? 1 : 0; }, flags) == std::vector{1, 0, 1, 1}));
    std::vector<bool> own{true, false};
    BOOST_TEST((pool.map([](bool b) { return !b; }, own) == std::vector<bool>{false, true}));
    BOOST_TEST((own == std::vector<bool>{true, false}));
}

BOOST_AUTO_TEST_CASE(the_input_belongs_to_the_call) {
    procpool::pool pool(1);
    std::vector<std::string> texts{"a", "b", std::string(100'000, 'c')};
    auto result = pool.map_async([](const std::string& s) { return s; }, texts);
    texts.assign(3, "gone");
    BOOST_TEST((result.get() == std::vector<std::string>{"a", "b", std::string(100'000, 'c')}));
}

BOOST_AUTO_TEST_CASE(what_the_input_throws_is_the_callers_own_object) {
    procpool::pool pool(2);
    const own_trouble trouble{std::make_shared<int>(1)};
    for (const std::size_t chunk : {1U, 3U, 1000U})
        for (const int at : {0, 1, 5, 500}) {
            try {
                pool.map(procpool::fn<negate>, numbers_until(at, trouble), {.chunk_size = chunk});
                BOOST_ERROR("nothing was thrown");
            } catch (const own_trouble& caught) {
                BOOST_TEST(caught.identity == trouble.identity);
            }
            BOOST_CHECK_THROW(
                pool.map_async(procpool::fn<negate>, numbers_until(at, 42), {.chunk_size = chunk}), int);
            BOOST_CHECK_THROW(pool.map(procpool::fn<negate>, numbers_until(at, std::out_of_range("here"))),
                              std::out_of_range);
        }
    BOOST_TEST(pool.apply(procpool::fn<negate>, 1) == -1);
}

BOOST_AUTO_TEST_CASE(nothing_of_a_map_whose_input_throws_has_run) {
    const temporary_folder folder;
    const auto file = folder.file("ran");
    procpool::pool pool(2);
    const auto with_file = std::views::transform([&](int n) { return std::pair(file, n); });
    BOOST_CHECK_THROW(
        pool.starmap(procpool::fn<record>, numbers_until(300, 42) | with_file, {.chunk_size = 1}), int);
    pool.starmap(procpool::fn<record>, std::vector{std::pair(file, -1), std::pair(file, -1)});
    BOOST_TEST((procpool::test::lines_of(file) == std::vector<std::string>{"-1", "-1"}));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
