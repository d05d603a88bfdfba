// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

// The code in docs/guide.md is that of the programs in docs/examples, which are compiled and run.
namespace {

const std::string docs = PROCPOOL_DOCS;

/// Without the blanks at the beginning of lines, and without empty lines.
std::string flush_left(std::istream& in, const std::string& until = {}) {
    std::string out;
    for (std::string line; std::getline(in, line) && (until.empty() || line != until);) {
        line.erase(0, line.find_first_not_of(' '));
        if (!line.empty())
            out += line + '\n';
    }
    return out;
}

struct snippet {
    std::string program; // "examples/limits.cpp"; empty: it was not said
    std::string code;
};

std::vector<snippet> snippets_of_guide() {
    std::ifstream in(docs + "/guide.md");
    std::vector<snippet> out;
    std::string before;
    for (std::string line; std::getline(in, line); before = line) {
        if (line != "```cpp")
            continue;
        snippet found;
        if (before.starts_with("<!-- ") && before.ends_with(" -->"))
            found.program = before.substr(5, before.size() - 9);
        found.code = flush_left(in, "```");
        out.push_back(found);
    }
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(guide)

BOOST_AUTO_TEST_CASE(every_piece_of_code_is_part_of_a_program_that_is_run) {
    const auto snippets = snippets_of_guide();
    BOOST_TEST(snippets.size() > 10u);
    for (const auto& each : snippets) {
        BOOST_TEST_INFO_SCOPE(each.code);
        BOOST_TEST_REQUIRE(!each.program.empty());
        std::ifstream program(docs + '/' + each.program);
        BOOST_TEST_REQUIRE(program.good(), each.program << " is not there");
        BOOST_TEST((flush_left(program).find(each.code) != std::string::npos),
                   "it does not stand so in " << each.program);
    }
}

BOOST_AUTO_TEST_SUITE_END()
