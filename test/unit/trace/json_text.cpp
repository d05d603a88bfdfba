// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "trace/json_text.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace {

std::string escaped(std::string_view text) {
    std::string out;
    procpool::tracing::append_escaped(out, text);
    return out;
}

std::string microseconds(std::uint64_t nanoseconds) {
    std::string out;
    procpool::tracing::append_microseconds(out, nanoseconds);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(json_text)

BOOST_AUTO_TEST_CASE(ordinary_text_stays_as_it_is) {
    BOOST_TEST(escaped("") == "");
    BOOST_TEST(escaped("fit<std::pair<int, char>>(const T&)") == "fit<std::pair<int, char>>(const T&)");
}

BOOST_AUTO_TEST_CASE(quotes_backslashes_and_control_characters_are_escaped) {
    BOOST_TEST(escaped(R"(a "b" \c)") == R"(a \"b\" \\c)");
    BOOST_TEST(escaped("\n\t\x01\x1f\x7f") == R"(\u000a\u0009\u0001\u001f\u007f)");
    BOOST_TEST(escaped(std::string_view("\0", 1)) == R"(\u0000)");
}

BOOST_AUTO_TEST_CASE(utf_8_stays_as_it_is) {
    for (const auto* text :
         {"\xC3\xA4", "\xE2\x82\xAC", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"})
        BOOST_TEST(escaped(text) == text);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf_8_are_replaced) {
    BOOST_TEST(escaped("\xE4") == R"(\ufffd)");
    BOOST_TEST(escaped("\x80 a") == R"(\ufffd a)");
    BOOST_TEST(escaped("\xC0\xAF") == R"(\ufffd\ufffd)");                     // too long for what it means
    BOOST_TEST(escaped("\xED\xA0\x80") == R"(\ufffd\ufffd\ufffd)");           // half of a pair of UTF-16
    BOOST_TEST(escaped("\xF4\x90\x80\x80") == R"(\ufffd\ufffd\ufffd\ufffd)"); // beyond the last character
    BOOST_TEST(escaped("\xE2\x82") == R"(\ufffd\ufffd)");                     // cut off
    BOOST_TEST(escaped("\xE2\"") == R"(\ufffd\")");
}

BOOST_AUTO_TEST_CASE(times_have_three_decimals) {
    BOOST_TEST(microseconds(0) == "0.000");
    BOOST_TEST(microseconds(7) == "0.007");
    BOOST_TEST(microseconds(1'002'030) == "1002.030");
    BOOST_TEST(microseconds(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551.615");
}

BOOST_AUTO_TEST_CASE(numbers_are_whole) {
    std::string out;
    procpool::tracing::append_number(out, std::numeric_limits<std::uint64_t>::max());
    out += ' ';
    procpool::tracing::append_hex(out, 0xAB01);
    BOOST_TEST(out == "18446744073709551615 0xab01");
}

BOOST_AUTO_TEST_SUITE_END()
