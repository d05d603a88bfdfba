// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

// The code in docs/guide.md is that of the programs in docs/examples, which are compiled and run. A piece of
// a program stands between `//[ name` and `//]`, and in the guide below `<!-- examples/program.cpp: name
// -->`.
namespace {

const std::filesystem::path docs = PROCPOOL_DOCS;

std::vector<std::string> lines_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    BOOST_TEST_REQUIRE(in.good(), file << " cannot be read");
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);)
        out.push_back(line);
    return out;
}

/// Without the blanks at its beginning.
std::string flush_left(const std::string& line) {
    const auto at = line.find_first_not_of(' ');
    return at == std::string::npos ? std::string() : line.substr(at);
}

/// The code of each piece, flush left and without empty lines, by "examples/program.cpp: name".
using pieces = std::map<std::string, std::string>;

void add_line(std::string& code, const std::string& line) {
    if (const auto text = flush_left(line); !text.empty())
        code += text + '\n';
}

pieces pieces_of_programs() {
    pieces out;
    for (const auto& entry : std::filesystem::directory_iterator(docs / "examples")) {
        const std::string program = "examples/" + entry.path().filename().string();
        std::string* open = nullptr;
        for (const auto& line : lines_of(entry.path())) {
            const auto text = flush_left(line);
            if (text.starts_with("//[ ")) {
                BOOST_TEST(open == nullptr, program << ": a piece begins in another");
                const auto [place, is_new] = out.try_emplace(program + ": " + text.substr(4));
                BOOST_TEST(is_new, "two pieces are named " << place->first);
                open = &place->second;
            } else if (text == "//]") {
                BOOST_TEST_REQUIRE(open != nullptr, program << ": a piece ends that has not begun");
                open = nullptr;
            } else if (open != nullptr) {
                add_line(*open, line);
            }
        }
        BOOST_TEST(open == nullptr, program << ": a piece does not end");
    }
    return out;
}

bool is_reference(const std::string& line) {
    return line.starts_with("<!-- examples/");
}

/// Of a piece that is not code, the code is empty.
pieces pieces_of_guide() {
    pieces out;
    const auto lines = lines_of(docs / "guide.md");
    for (std::size_t at = 0; at != lines.size(); ++at) {
        if (!is_reference(lines[at]))
            continue;
        std::string code;
        if (at + 1 != lines.size() && lines[at + 1] == "```cpp")
            for (std::size_t in = at + 2; in < lines.size() && lines[in] != "```"; ++in)
                add_line(code, lines[in]);
        out[lines[at].substr(5, lines[at].size() - 9)] += code;
    }
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(guide)

BOOST_AUTO_TEST_CASE(every_piece_of_code_is_a_piece_of_a_program_that_is_run) {
    const auto programs = pieces_of_programs();
    const auto quoted = pieces_of_guide();
    BOOST_TEST(quoted.size() > 10u);
    for (const auto& [name, code] : quoted) {
        const auto piece = programs.find(name);
        BOOST_TEST_REQUIRE((piece != programs.end()), name << " is not there");
        BOOST_TEST(code == piece->second, name << " reads otherwise in the program");
    }
    const auto lines = lines_of(docs / "guide.md");
    for (std::size_t at = 1; at < lines.size(); ++at)
        BOOST_TEST((lines[at] != "```cpp" || is_reference(lines[at - 1])),
                   "the code in line " << at + 1 << " of the guide does not say which program it is of");
}

BOOST_AUTO_TEST_CASE(every_piece_of_a_program_stands_in_the_guide) {
    const auto quoted = pieces_of_guide();
    std::set<std::string> programs;
    for (const auto& [name, code] : quoted)
        programs.insert(name.substr(0, name.find(':')));
    for (const auto& [name, code] : pieces_of_programs()) {
        BOOST_TEST(!code.empty(), name << " is empty");
        BOOST_TEST(quoted.contains(name), name << " is not in the guide");
    }
    for (const auto& entry : std::filesystem::directory_iterator(docs / "examples"))
        BOOST_TEST(programs.contains("examples/" + entry.path().filename().string()),
                   entry.path() << " is not in the guide");
}

BOOST_AUTO_TEST_CASE(no_page_has_a_place_that_was_to_be_filled) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(docs)) {
        if (entry.path().extension() != ".md")
            continue;
        std::size_t fences = 0;
        for (const auto& line : lines_of(entry.path())) {
            BOOST_TEST((line.find("@@") == std::string::npos), entry.path() << ": " << line);
            fences += line.starts_with("```") ? 1 : 0;
        }
        BOOST_TEST(fences % 2 == 0u, entry.path() << ": code that does not end");
    }
}

BOOST_AUTO_TEST_SUITE_END()
