// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/exceptions.hpp"
#include "support/expect_thrown.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <utility>
#include <vector>

// Exceptions of the user, registered or not, that come from a worker.

namespace work {

struct known_in_parent : std::exception {
    const char* what() const noexcept override { return "known in the parent"; }
};
struct known_in_worker : std::exception {
    const char* what() const noexcept override { return "known in the worker"; }
};

/// Registered like its base.
struct late_error : test_exceptions::parse_error {
    late_error(const std::string& what, int at, std::vector<std::string> others)
        : parse_error(what, at)
        , hints(std::move(others)) {}
    std::vector<std::string> hints;
};

} // namespace work

template <>
struct procpool::codec<work::known_in_parent> {
    static void encode(encoder&, const work::known_in_parent&) {}
    static work::known_in_parent decode(decoder&) { return {}; }
};
template <>
struct procpool::codec<work::known_in_worker> {
    static void encode(encoder&, const work::known_in_worker&) {}
    static work::known_in_worker decode(decoder&) { return {}; }
};
template <>
struct procpool::codec<work::late_error> {
    static void encode(encoder& out, const work::late_error& error) {
        out.write(std::string(error.what()));
        out.write(error.line);
        out.write(error.hints);
    }
    static work::late_error decode(decoder& in) {
        auto what = in.read<std::string>();
        const int line = in.read<int>();
        return {what, line, in.read<std::vector<std::string>>()};
    }
};

namespace {

using procpool::get_remote_info;
using procpool::remote_error;
using procpool::test::expect_thrown;

} // namespace

BOOST_FIXTURE_TEST_SUITE(registered_exceptions, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_registered_class_and_its_registered_base_each_come_back_as_themselves) {
    procpool::pool pool(1);
    expect_thrown<work::late_error>(
        pool,
        [] {
            throw work::late_error("late", 4, {"a", "b"});
        },
        [](const auto& caught, const auto& info) {
            BOOST_TEST(caught.what() == "late");
            BOOST_TEST(caught.line == 4);
            BOOST_TEST((caught.hints == std::vector<std::string>{"a", "b"}));
            BOOST_TEST(info.type_name == "work::late_error");
        });
    expect_thrown<test_exceptions::parse_error>(
        pool, [] { throw test_exceptions::parse_error("early", 5); },
        [](const auto& caught, const auto&) {
            BOOST_TEST(caught.line == 5);
            BOOST_TEST(dynamic_cast<const work::late_error*>(&caught) == nullptr);
        });
    expect_thrown<remote_error>(
        pool, [] { throw test_exceptions::derived_parse_error("not registered", 6); },
        [](const auto& caught, const auto& info) {
            BOOST_TEST(caught.what() == "not registered");
            BOOST_TEST(info.type_name == "test_exceptions::derived_parse_error");
        });
}

BOOST_AUTO_TEST_CASE(a_type_that_one_side_alone_has_registered_is_a_remote_error) {
    procpool::register_exception<work::known_in_parent>();
    procpool::pool pool(1);
    const auto check = [](const char* text) {
        return [text](const auto& caught, const auto& info) {
            BOOST_TEST(caught.what() == text);
            BOOST_TEST(info.what == text);
            BOOST_TEST(info.type_name.find("work::known_in_") == 0U);
        };
    };
    expect_thrown<remote_error>(
        pool, [] { throw work::known_in_parent(); }, check("known in the parent"));
    const auto task = [] {
        procpool::register_exception<work::known_in_worker>();
        throw work::known_in_worker();
    };
    expect_thrown<remote_error>(pool, task, check("known in the worker"));
    procpool::register_exception<work::known_in_worker>();
    expect_thrown<work::known_in_worker>(pool, task, check("known in the worker"));
}

BOOST_AUTO_TEST_CASE(one_whose_own_codec_throws_is_a_remote_error_twenty_times_in_a_row) {
    using test_exceptions::uncodable;
    procpool::pool pool(1);
    const auto before = procpool::test::pids_of(pool);
    for (const auto when : {uncodable::fails::in_encode, uncodable::fails::in_decode}) {
        std::vector<procpool::async_result<int>> failing;
        std::vector<procpool::async_result<int>> others;
        for (int i = 0; i != 20; ++i) {
            failing.push_back(pool.apply_async([](uncodable::fails w) -> int { throw uncodable(w); }, when));
            others.push_back(pool.apply_async([](int n) { return n; }, i));
        }
        for (const auto& each : failing)
            BOOST_CHECK_EXCEPTION(each.get(), remote_error, [](const auto& caught) {
                return std::string(caught.what()) == "uncodable" &&
                       get_remote_info(caught)->type_name == "test_exceptions::uncodable";
            });
        for (int i = 0; i != 20; ++i)
            BOOST_TEST(others[static_cast<std::size_t>(i)].get() == i);
    }
    BOOST_TEST((procpool::test::pids_of(pool) == before));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    procpool::register_exception<work::late_error>();
    return procpool::test::pool_main(argc, argv);
}
