// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"

#include <procpool/procpool.hpp>

#include <stdexcept>
#include <utility>
#include <vector>

// Arguments and results whose destructors throw in the worker: only the item is lost.
using namespace procpool::test;

namespace {

/// Throws when a 13 is destroyed that was not moved from.
struct grumbling {
    int number = 0;

    grumbling() = default;
    explicit grumbling(int n) : number(n) {}
    grumbling(grumbling&& other) noexcept : number(std::exchange(other.number, 0)) {}
    grumbling& operator=(grumbling&& other) noexcept {
        number = std::exchange(other.number, 0);
        return *this;
    }
    operator int() const { return number; }
    ~grumbling() noexcept(false) {
        if (number % 100 == 13 && procpool::this_task::active())
            throw std::runtime_error("thirteen");
    }
};

} // namespace

template <>
struct procpool::codec<grumbling> {
    static void encode(encoder& out, const grumbling& value) { out.write(value.number); }
    static grumbling decode(decoder& in) { return grumbling(in.read<int>()); }
};

namespace {

grumbling make(int n) {
    return grumbling(n);
}
int take(const grumbling& value) {
    return value.number;
}
int add(int a, int b) {
    return a + b;
}

std::vector<int> numbers(int count) {
    std::vector<int> out;
    for (int n = 0; n != count; ++n)
        out.push_back(n);
    return out;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(throwing_destructors, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_result_that_throws_when_it_is_destroyed_costs_its_item) {
    procpool::pool pool(1);
    const auto pid = pool.apply(procpool::fn<own_pid>);
    BOOST_CHECK_THROW(pool.apply(procpool::fn<make>, 13), std::runtime_error);
    auto results = pool.map_async(procpool::fn<make>, numbers(12), {.chunk_size = 12}).get();
    BOOST_TEST(results.size() == 12U);
    BOOST_CHECK_THROW(pool.map(procpool::fn<make>, numbers(30), {.chunk_size = 30}), std::runtime_error);
    BOOST_TEST(pool.apply(procpool::fn<make>, 5).number == 5);
    BOOST_TEST(pool.apply(procpool::fn<own_pid>) == pid);
}

BOOST_AUTO_TEST_CASE(in_a_chunk_the_other_items_have_their_results) {
    procpool::pool pool(1);
    auto stream = pool.imap(procpool::fn<make>, numbers(30), {.chunk_size = 10});
    for (int n = 0; n != 30; ++n) {
        if (n == 13)
            BOOST_CHECK_THROW(stream.next(), std::runtime_error);
        else
            BOOST_TEST(stream.next()->number == n);
    }
}

BOOST_AUTO_TEST_CASE(an_argument_that_throws_when_it_is_destroyed_costs_its_item) {
    procpool::pool pool(1);
    const auto pid = pool.apply(procpool::fn<own_pid>);
    BOOST_CHECK_THROW(pool.apply(procpool::fn<take>, grumbling(13)), std::runtime_error);
    BOOST_TEST(pool.apply(procpool::fn<take>, grumbling(14)) == 14);
    BOOST_TEST(pool.apply(procpool::fn<own_pid>) == pid);
}

BOOST_AUTO_TEST_CASE(a_result_that_is_reduced_fails_the_reduction) {
    procpool::pool pool(1);
    const auto pid = pool.apply(procpool::fn<own_pid>);
    BOOST_CHECK_THROW(
        pool.map_reduce(procpool::fn<make>, numbers(30), procpool::fn<add>, 0, {.chunk_size = 30}),
        std::runtime_error);
    BOOST_TEST(pool.map_reduce(procpool::fn<make>, numbers(4), procpool::fn<add>, 0, {.chunk_size = 4}) == 6);
    BOOST_TEST(pool.apply(procpool::fn<own_pid>) == pid);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
