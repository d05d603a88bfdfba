// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "error/standard_exceptions.hpp"

#include "support/exception_round_trip.hpp"
#include "support/exceptions.hpp"

#include <procpool/detail/result/remote_exception.hpp>
#include <procpool/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <boost/throw_exception.hpp>

#include <any>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <ios>
#include <memory>
#include <new>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <typeinfo>
#include <variant>

using namespace test_exceptions;

namespace {

// E comes back as E with its text and its name, also from a pool inside a task, and nested or wrapped by
// Boost.
template <class E>
void expect_itself(const E& original) {
    BOOST_TEST_CONTEXT(typeid(E).name()) {
        const std::string name = procpool::detail::readable_type_name(typeid(E));
        const auto check = [&](const E& object, const procpool::remote_info& info) {
            BOOST_TEST(std::string(object.what()) == original.what());
            BOOST_TEST(info.what == original.what());
            BOOST_TEST(info.type_name == name);
        };
        const auto once = round_trip(thrown(original));
        expect<E>(once, check);
        expect<E>(round_trip(once), check);
        expect<E>(round_trip(thrown_by([&] { boost::throw_exception(original); })), check);
        const auto nested = round_trip(thrown_by([&] { std::throw_with_nested(original); }));
        expect<E>(nested, check);
        expect<E>(round_trip(thrown_by([&] {
                      try {
                          throw std::logic_error("inner");
                      } catch (...) {
                          std::throw_with_nested(original);
                      }
                  })),
                  [&](const E& object, const procpool::remote_info& info) {
                      check(object, info);
                      BOOST_CHECK_THROW(std::rethrow_if_nested(object), std::logic_error);
                  });
    }
}

BOOST_AUTO_TEST_CASE(types_that_are_a_text_come_back_as_themselves) {
    expect_itself(std::logic_error("text"));
    expect_itself(std::domain_error("text"));
    expect_itself(std::invalid_argument("text"));
    expect_itself(std::length_error("text"));
    expect_itself(std::out_of_range("text"));
    expect_itself(std::runtime_error("text"));
    expect_itself(std::range_error("text"));
    expect_itself(std::overflow_error("text"));
    expect_itself(std::underflow_error("text"));
}

BOOST_AUTO_TEST_CASE(types_without_a_text_of_their_own_come_back_as_themselves) {
    expect_itself(std::exception());
    expect_itself(std::bad_exception());
    expect_itself(std::bad_alloc());
    expect_itself(std::bad_array_new_length());
    expect_itself(std::bad_cast());
    expect_itself(std::bad_any_cast());
    expect_itself(std::bad_typeid());
    expect_itself(std::bad_function_call());
    expect_itself(std::bad_optional_access());
    expect_itself(std::bad_variant_access());
    expect_itself(std::bad_weak_ptr());
}

BOOST_AUTO_TEST_CASE(types_with_fields_come_back_as_themselves) {
    expect_itself(std::system_error(std::make_error_code(std::errc::no_such_process), "text"));
    expect_itself(std::ios_base::failure("text", std::make_error_code(std::io_errc::stream)));
    expect_itself(
        std::filesystem::filesystem_error("text", "/a", "/b", std::make_error_code(std::errc::io_error)));
    expect_itself(std::future_error(std::future_errc::broken_promise));
    expect_itself(std::regex_error(std::regex_constants::error_brack));
    expect_itself(boost::system::system_error(boost::asio::error::eof, "text"));
}

BOOST_AUTO_TEST_CASE(types_of_procpool_come_back_as_themselves) {
    expect_itself(procpool::error(procpool::errc::codec_error, "text"));
    expect_itself(procpool::pool_closed());
    expect_itself(procpool::pool_terminated());
    expect_itself(procpool::start_failed("text"));
    expect_itself(procpool::task_timeout("text"));
    expect_itself(procpool::task_cancelled());
    expect_itself(procpool::wait_timeout());
    expect_itself(procpool::codec_error("text"));
    expect_itself(procpool::remote_error("text"));
    expect_itself(procpool::worker_lost("text", 5, std::nullopt, 11, "inner"));
}

BOOST_AUTO_TEST_CASE(a_lost_worker_keeps_its_fields) {
    expect<procpool::worker_lost>(
        round_trip(thrown(procpool::worker_lost("text", 5, 0, std::nullopt, "inner"))),
        [](const procpool::worker_lost& lost, const auto&) {
            BOOST_TEST(lost.pid() == 5);
            BOOST_TEST(lost.exit_status().value() == 0);
            BOOST_TEST(!lost.signal_number().has_value());
            BOOST_TEST(lost.task_name() == "inner");
            BOOST_TEST((lost.code() == procpool::errc::worker_lost));
        });
}

void expect_std_code(std::error_code code) {
    expect<std::system_error>(
        round_trip(thrown(std::system_error(code, "text"))),
        [&](const std::system_error& error, const auto&) { BOOST_TEST((error.code() == code)); });
}

void expect_boost_code(boost::system::error_code code) {
    using boost::system::system_error;
    expect<system_error>(round_trip(thrown(system_error(code, "text"))),
                         [&](const system_error& error, const auto&) {
                             BOOST_TEST((error.code() == code));
                             BOOST_TEST(error.code().value() == code.value());
                         });
}

BOOST_AUTO_TEST_CASE(known_categories_keep_value_and_category) {
    expect_std_code(std::make_error_code(std::errc::timed_out));
    expect_std_code({2, std::system_category()});
    expect_std_code(std::make_error_code(std::io_errc::stream));
    expect_std_code(std::make_error_code(std::future_errc::no_state));
    expect_std_code(boost::system::error_code(boost::asio::error::eof)); // a Boost code in a std one
    expect_boost_code(boost::asio::error::eof);
    expect_boost_code(boost::asio::error::host_not_found);
    expect_boost_code(boost::asio::error::service_not_found);
    expect_boost_code(boost::asio::error::connection_refused);
    expect_boost_code(make_error_code(boost::system::errc::io_error));
    expect_boost_code(procpool::errc::task_timeout);
    expect_boost_code(std::make_error_code(std::io_errc::stream)); // a std code in a Boost one
}

BOOST_AUTO_TEST_CASE(an_unknown_category_keeps_its_name_and_the_value) {
    const auto error = thrown(std::system_error(std::error_code(7, strange_category()), "text"));
    const std::error_category* first = nullptr;
    expect<std::system_error>(round_trip(error), [&](const std::system_error& object, const auto& info) {
        first = &object.code().category();
        BOOST_TEST(object.code().value() == 7);
        BOOST_TEST(first->name() == std::string("strange"));
        BOOST_TEST(object.code().message().find("strange") != std::string::npos);
        BOOST_TEST(info.what.find("message of strange") != std::string::npos);
    });
    expect<std::system_error>(round_trip(error), [&](const std::system_error& object, const auto&) {
        BOOST_TEST((object.code().category() == *first));
    });
}

BOOST_AUTO_TEST_CASE(a_filesystem_error_keeps_its_paths) {
    using std::filesystem::filesystem_error;
    const auto error = thrown_by([] { std::filesystem::rename("/no/such/file", "/no/such/other"); });
    std::error_code code; // which it is depends on the system
    std::filesystem::rename("/no/such/file", "/no/such/other", code);
    expect<filesystem_error>(round_trip(error), [&](const filesystem_error& object, const auto&) {
        BOOST_TEST(object.path1() == "/no/such/file");
        BOOST_TEST(object.path2() == "/no/such/other");
        BOOST_TEST((object.code() == code));
    });
}

BOOST_AUTO_TEST_CASE(a_private_type_of_the_library_comes_back_as_its_public_base) {
    const auto error = thrown_by([] {
        std::ifstream file;
        file.exceptions(std::ios::failbit);
        file.setstate(std::ios::failbit);
    });
    expect<std::ios_base::failure>(round_trip(error), [](const auto& object, const auto& info) {
        BOOST_TEST((object.code() == std::io_errc::stream));
        BOOST_TEST(info.type_name == "std::ios_base::failure");
    });
}

} // namespace
