// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/exceptions.hpp"
#include "support/expect_thrown.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <any>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <future>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <typeinfo>
#include <vector>

// Exceptions of every kind that come from a worker, with their contents.

namespace work {

/// Throws level `n` nested around n - 1, and so on.
void nest(int n) {
    try {
        if (n == 1)
            throw std::system_error(ENOENT, std::generic_category(), "level 1");
        nest(n - 1);
    } catch (...) {
        if (n == 1)
            throw;
        const auto text = "level " + std::to_string(n);
        if (n % 3 == 0)
            std::throw_with_nested(test_exceptions::parse_error(text, n));
        if (n % 3 == 1)
            std::throw_with_nested(std::out_of_range(text));
        std::throw_with_nested(test_exceptions::unregistered(text));
    }
}

} // namespace work

namespace {

using procpool::get_remote_info;
using procpool::remote_error;
using procpool::test::expect_thrown;

/// The levels as a program sees them when it unwraps the nested exceptions.
void describe(const std::exception& level, std::vector<std::string>& to) {
    std::string type = get_remote_info(level)->type_name;
    if (const auto* parse = dynamic_cast<const test_exceptions::parse_error*>(&level))
        type = "parse_error of line " + std::to_string(parse->line);
    else if (const auto* code = dynamic_cast<const std::system_error*>(&level);
             code && code->code() == std::errc::no_such_file_or_directory)
        type = "no such file";
    else if (type == "std::out_of_range" && !dynamic_cast<const std::out_of_range*>(&level))
        type = "not really a " + type;
    to.push_back(type + ": " + level.what());
    try {
        std::rethrow_if_nested(level);
    } catch (const std::exception& inner) {
        describe(inner, to);
    }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(exceptions, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(every_level_of_nested_exceptions_keeps_its_type_and_text) {
    procpool::pool pool(1);
    std::vector<std::string> found;
    try {
        pool.apply(procpool::fn<work::nest>, 7);
    } catch (const std::exception& outermost) {
        describe(outermost, found);
    }
    const std::vector<std::string> expected{"std::out_of_range: level 7",
                                            "parse_error of line 6: level 6",
                                            "test_exceptions::unregistered: level 5",
                                            "std::out_of_range: level 4",
                                            "parse_error of line 3: level 3",
                                            "test_exceptions::unregistered: level 2",
                                            "no such file: level 1: No such file or directory"};
    BOOST_TEST(found == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(codes_keep_value_category_and_text) {
    procpool::pool pool(1);
    expect_thrown<std::system_error>(
        pool, [] { throw std::system_error(EAGAIN, std::system_category(), "here"); },
        [](const auto& caught, const auto&) {
            BOOST_TEST((caught.code() == std::error_code(EAGAIN, std::system_category())));
            BOOST_TEST(std::string(caught.what()).find("here: ") == 0U);
        });
    expect_thrown<boost::system::system_error>(
        pool, [] { throw boost::system::system_error(boost::asio::error::eof, "there"); },
        [](const auto& caught, const auto&) {
            BOOST_TEST((caught.code() == boost::asio::error::eof));
            BOOST_TEST(std::string(caught.what()).find("there: ") == 0U);
        });
    expect_thrown<std::future_error>(
        pool, [] { throw std::future_error(std::future_errc::broken_promise); },
        [](const auto& caught, const auto&) {
            BOOST_TEST((caught.code() == std::future_errc::broken_promise));
        });
    expect_thrown<std::filesystem::filesystem_error>(
        pool,
        [] {
            throw std::filesystem::filesystem_error("copy", "/a", "/b\n\xff",
                                                    std::make_error_code(std::errc::file_exists));
        },
        [](const auto& caught, const auto&) {
            BOOST_TEST((caught.code() == std::errc::file_exists));
            BOOST_TEST(caught.path1() == "/a");
            BOOST_TEST(caught.path2() == "/b\n\xff");
        });
    expect_thrown<std::system_error>(
        pool, [] { throw std::system_error(7, test_exceptions::strange_category(), "odd"); },
        [](const auto& caught, const auto&) {
            BOOST_TEST(caught.code().value() == 7);
            BOOST_TEST(caught.code().category().name() == "strange");
            BOOST_TEST(std::string(caught.what()) == "odd: message of strange");
        });
}

BOOST_AUTO_TEST_CASE(errors_of_the_library_keep_their_code) {
    procpool::pool pool(1);
    expect_thrown<procpool::task_cancelled>(
        pool, [] { throw procpool::task_cancelled("by the task"); },
        [](const auto& caught, const auto&) {
            BOOST_TEST((caught.code() == procpool::errc::task_cancelled));
            BOOST_TEST(caught.what() == "by the task");
        });
}

BOOST_AUTO_TEST_CASE(a_text_with_zeros_arrives_as_far_as_it_can_be_seen) {
    procpool::pool pool(1);
    expect_thrown<std::runtime_error>(
        pool, [] { throw std::runtime_error(std::string("seen\0not", 8)); },
        [](const auto& caught, const auto&) { BOOST_TEST(caught.what() == "seen"); });
    expect_thrown<remote_error>(
        pool, [] { throw std::string("whole\0text", 10); },
        [](const auto&, const auto& info) { BOOST_TEST(info.what == std::string("whole\0text", 10)); });
}

BOOST_AUTO_TEST_CASE(types_without_a_text_of_their_own_come_back_as_themselves) {
    procpool::pool pool(1);
    const auto any_text = [](const auto& caught, const auto&) {
        BOOST_TEST(caught.what() != nullptr);
    };
    expect_thrown<std::bad_alloc>(
        pool, [] { throw std::bad_alloc(); }, any_text);
    expect_thrown<std::bad_cast>(
        pool, [] { throw std::bad_cast(); }, any_text);
    expect_thrown<std::bad_any_cast>(
        pool, [] { std::any_cast<int>(std::any(1.0)); }, any_text);
    expect_thrown<std::bad_weak_ptr>(
        pool, [] { throw std::bad_weak_ptr(); }, any_text);
    expect_thrown<std::exception>(
        pool, [] { throw std::exception(); },
        [](const auto& caught, const auto& info) {
            BOOST_TEST(info.type_name == "std::exception");
            BOOST_TEST(dynamic_cast<const remote_error*>(&caught) == nullptr);
        });
    expect_thrown<std::logic_error>(
        pool, [] { throw std::logic_error(""); },
        [](const auto& caught, const auto&) { BOOST_TEST(caught.what() == ""); });
}

BOOST_AUTO_TEST_CASE(what_has_no_text_is_told_by_its_type) {
    procpool::pool pool(1);
    expect_thrown<remote_error>(
        pool, [] { throw 42; },
        [](const auto& caught, const auto& info) {
            BOOST_TEST(info.type_name == "int");
            BOOST_TEST(std::string(caught.what()).find("int") != std::string::npos);
        });
    expect_thrown<remote_error>(
        pool, [] { throw static_cast<const char*>("a text"); },
        [](const auto& caught, const auto&) { BOOST_TEST(caught.what() == "a text"); });
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
