// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <boost/test/unit_test.hpp>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

// Each link of a page to another page, to a part of a page or to a file leads there.
namespace {

const std::filesystem::path top = std::filesystem::path(PROCPOOL_DOCS).parent_path();

std::vector<std::string> text_lines_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    BOOST_TEST_REQUIRE(in.good(), file << " cannot be read");
    std::vector<std::string> out;
    bool in_code = false;
    for (std::string line; std::getline(in, line);) {
        const bool is_fence = line.starts_with("```");
        if (is_fence)
            in_code = !in_code;
        else if (!in_code)
            out.push_back(line);
    }
    return out;
}

/// The name by which a link refers to a heading.
std::string anchor_of(const std::string& heading) {
    std::string out;
    for (const char each : heading) {
        if (std::isalnum(static_cast<unsigned char>(each)) != 0 || each == '-' || each == '_')
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
        else if (each == ' ')
            out += '-';
    }
    return out;
}

std::set<std::string> anchors_of(const std::filesystem::path& page) {
    std::set<std::string> out;
    for (const auto& line : text_lines_of(page))
        if (const auto at = line.find_first_not_of('#');
            at != 0 && at != std::string::npos && line[at] == ' ')
            out.insert(anchor_of(line.substr(at + 1)));
    return out;
}

std::vector<std::filesystem::path> pages() {
    std::vector<std::filesystem::path> out{top / "README.md", top / "CHANGELOG.md"};
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top / "docs"))
        if (entry.path().extension() == ".md")
            out.push_back(entry.path());
    return out;
}

void check_link(const std::filesystem::path& page, const std::string& link) {
    const auto hash = link.find('#');
    const auto file = link.substr(0, hash);
    const auto target = file.empty() ? page : page.parent_path() / file;
    BOOST_TEST_REQUIRE(std::filesystem::exists(target), page << ": " << link << " leads nowhere");
    if (hash != std::string::npos)
        BOOST_TEST(anchors_of(target).contains(link.substr(hash + 1)),
                   page << ": " << link << " is no heading");
}

} // namespace

BOOST_AUTO_TEST_SUITE(links)

BOOST_AUTO_TEST_CASE(every_link_leads_to_a_file_or_a_heading) {
    const std::regex pattern(R"(\]\(([^)\s]+)\))");
    std::size_t checked = 0;
    for (const auto& page : pages())
        for (const auto& line : text_lines_of(page))
            for (std::sregex_iterator at(line.begin(), line.end(), pattern), end; at != end; ++at)
                if (const auto link = (*at)[1].str(); link.find("://") == std::string::npos) {
                    check_link(page, link);
                    ++checked;
                }
    BOOST_TEST(checked > 50u);
}

BOOST_AUTO_TEST_SUITE_END()
