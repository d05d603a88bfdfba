// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "delivery/output_lines.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace procpool::pooling;

namespace {

using lines = std::vector<std::string>;

lines all_lines(std::string_view text) {
    lines out;
    while (!text.empty())
        out.emplace_back(next_line(text));
    return out;
}

/// The lines of a text that arrives in pieces of this size.
lines lines_in_pieces(std::string_view text, std::size_t size) {
    lines out;
    std::string pending;
    const auto take = [&](std::size_t bytes) {
        for (auto& each : all_lines(pending.substr(0, bytes)))
            out.push_back(std::move(each));
        pending.erase(0, bytes);
    };
    for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
        pending += text.substr(0, size);
        take(complete_bytes(pending));
        BOOST_TEST_REQUIRE(pending.size() <= max_line_bytes);
    }
    take(pending.size());
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(output_lines)

BOOST_AUTO_TEST_CASE(a_line_comes_without_its_end) {
    BOOST_TEST((all_lines("one\ntwo\n") == lines{"one", "two"}));
}

BOOST_AUTO_TEST_CASE(empty_lines_are_lines) {
    BOOST_TEST((all_lines("\n\na\n\n") == lines{"", "", "a", ""}));
}

BOOST_AUTO_TEST_CASE(the_last_line_needs_no_end) {
    BOOST_TEST((all_lines("one\ntwo") == lines{"one", "two"}));
    BOOST_TEST(complete_bytes("one\ntwo") == 4u);
    BOOST_TEST(complete_bytes("two") == 0u);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_stay_as_they_are) {
    const std::string bytes("\0\xff\xc3\x28", 4);
    BOOST_TEST((all_lines(bytes + "\n" + bytes) == lines{bytes, bytes}));
}

BOOST_AUTO_TEST_CASE(a_line_of_the_greatest_length_is_one_line) {
    const std::string longest(max_line_bytes, 'a');
    BOOST_TEST((all_lines(longest + "\nb") == lines{longest, "b"}));
    BOOST_TEST(complete_bytes(longest) == 0u); // its end may follow
}

BOOST_AUTO_TEST_CASE(a_longer_line_comes_in_parts) {
    const std::string part(max_line_bytes, 'a');
    BOOST_TEST((all_lines(part + "b\nc\n") == lines{part, "b", "c"}));
    BOOST_TEST((all_lines(part + part) == lines{part, part}));
    BOOST_TEST(complete_bytes(part + "b") == max_line_bytes);
    BOOST_TEST(complete_bytes("x\n" + part + part) == 2 + max_line_bytes);
}

BOOST_AUTO_TEST_CASE(lines_do_not_depend_on_the_pieces_in_which_they_arrive) {
    std::string text;
    for (const std::size_t length : {0u, 1u, 65535u, 65536u, 65537u, 131072u, 131073u, 7u, 200000u})
        text += std::string(length, static_cast<char>('a' + length % 26)) + "\n";
    text += "end";
    const auto whole = all_lines(text);
    for (const std::size_t size : {100u, 4096u, 32768u, 65536u, 65537u, 1000000u})
        BOOST_TEST((lines_in_pieces(text, size) == whole));
}

BOOST_AUTO_TEST_SUITE_END()
