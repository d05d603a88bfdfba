// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/benchmark.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <vector>

namespace {

using sizes = std::vector<std::size_t>;

struct fixture {
    double limit = 10;
    bool quick = false;
    bool answered = false;
    apps::benchmark program{"app", "Does something.", {.processes = {1, 2}, .jobs = 5}};

    fixture() {
        program.add("limit", limit, 2, 100, "how far");
        program.add_flag("quick", quick, "a moment only");
        program.add_answer("list", "say what there is, and end", [this] { answered = true; });
    }

    std::optional<apps::settings> parse(std::vector<const char*> words) {
        words.insert(words.begin(), "app");
        if (!program.parse(static_cast<int>(words.size()), words.data()))
            return std::nullopt;
        return program.chosen();
    }

    std::string error_text(std::vector<const char*> words) {
        try {
            parse(std::move(words));
        } catch (const apps::usage_error& error) {
            return error.what();
        }
        return "nothing";
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(apps_command_line, fixture)

BOOST_AUTO_TEST_CASE(what_is_not_given_keeps_its_default) {
    const auto chosen = parse({});
    BOOST_TEST(chosen->processes == (sizes{1, 2}), boost::test_tools::per_element());
    BOOST_TEST(chosen->jobs == 5u);
    BOOST_TEST(chosen->seed == 1u);
    BOOST_TEST((chosen->format == apps::table_format::table));
    BOOST_TEST(!chosen->plot);
    BOOST_TEST(limit == 10);
    BOOST_TEST(!quick);
}

BOOST_AUTO_TEST_CASE(every_option_is_taken) {
    const auto chosen = parse({"--processes", "3", "--jobs=7", "--seed", "18446744073709551615", "--scale",
                               "0.5", "--format", "json", "--plot", "x.svg", "--limit", "2.5", "--quick"});
    BOOST_TEST(chosen->processes == sizes{3}, boost::test_tools::per_element());
    BOOST_TEST(chosen->jobs == 7u);
    BOOST_TEST(chosen->seed == UINT64_MAX);
    BOOST_TEST(chosen->scale == 0.5);
    BOOST_TEST((chosen->format == apps::table_format::json));
    BOOST_TEST(*chosen->plot == "x.svg");
    BOOST_TEST(limit == 2.5);
    BOOST_TEST(quick);
}

BOOST_AUTO_TEST_CASE(pool_sizes_are_separated_by_commas_or_spaces) {
    BOOST_TEST(parse({"--processes", "1,2,4"})->processes == (sizes{1, 2, 4}),
               boost::test_tools::per_element());
    BOOST_TEST(parse({"--processes", "1 2 4"})->processes == (sizes{1, 2, 4}),
               boost::test_tools::per_element());
    BOOST_TEST(parse({"--processes", "1", "2", "4"})->processes == (sizes{1, 2, 4}),
               boost::test_tools::per_element());
    BOOST_TEST(parse({"--processes=1, 2"})->processes == (sizes{1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(pool_sizes_are_measured_in_ascending_order_and_once) {
    BOOST_TEST(parse({"--processes", "4 1,2 4"})->processes == (sizes{1, 2, 4}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_comma_stands_between_two_numbers) {
    for (const char* const list : {"1,,2", ",1", "1,", "1, ,2"})
        BOOST_TEST(error_text({"--processes", list}) ==
                   "--processes takes whole numbers from 1 to 1024, not ''");
    BOOST_TEST(parse({"--processes", " 1 , 2 "})->processes == (sizes{1, 2}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_bad_number_is_named_with_its_option_and_its_range) {
    BOOST_TEST(error_text({"--processes", "0"}) == "--processes takes whole numbers from 1 to 1024, not '0'");
    BOOST_TEST(error_text({"--processes", "2", "-1"}) ==
               "--processes takes whole numbers from 1 to 1024, not '-1'");
    BOOST_TEST(error_text({"--processes", "99999999999999999999999"}) ==
               "--processes takes whole numbers from 1 to 1024, not '99999999999999999999999'");
    BOOST_TEST(error_text({"--jobs", "-5"}) == "--jobs takes a whole number from 1 to 1000000, not '-5'");
    BOOST_TEST(error_text({"--jobs", "5x"}) == "--jobs takes a whole number from 1 to 1000000, not '5x'");
    BOOST_TEST(error_text({"--scale", "nan"}) == "--scale takes a number from 1e-06 to 100, not 'nan'");
    BOOST_TEST(error_text({"--scale", "inf"}) == "--scale takes a number from 1e-06 to 100, not 'inf'");
    BOOST_TEST(error_text({"--limit", "1"}) == "--limit takes a number from 2 to 100, not '1'");
}

BOOST_AUTO_TEST_CASE(a_list_without_a_number_is_refused) {
    BOOST_TEST(error_text({"--processes", ","}) == "--processes takes at least one pool size");
}

BOOST_AUTO_TEST_CASE(an_unknown_option_or_word_is_refused) {
    BOOST_TEST(error_text({"--job", "5"}).find("--job") != std::string::npos);
    BOOST_TEST(error_text({"five"}) == "'five' belongs to no option");
    BOOST_TEST(error_text({"--jobs", "1", "--jobs", "2"}).find("--jobs") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_unknown_format_is_refused) {
    BOOST_TEST(error_text({"--format", "xml"}) == "--format takes table, markdown, csv or json, not 'xml'");
}

BOOST_AUTO_TEST_CASE(a_plot_that_cannot_be_drawn_is_refused_before_anything_is_measured) {
    BOOST_TEST(error_text({"--plot", "x.pdf"}) ==
               "--plot takes a file that ends in .svg or .png, not 'x.pdf'");
    BOOST_TEST(error_text({"--plot", "/nowhere/x.svg"}) == "--plot: there is no directory '/nowhere'");
}

BOOST_AUTO_TEST_CASE(an_answer_stands_in_place_of_the_work) {
    BOOST_TEST(!parse({"--list", "--jobs", "none"}));
    BOOST_TEST(answered);
}

BOOST_AUTO_TEST_CASE(the_exit_status_says_whether_the_work_was_done) {
    const auto fail = [] {
        throw std::runtime_error("no");
    };
    apps::command_line line("app", "Does something.");
    const char* const words[] = {"app"};
    BOOST_TEST(line.run(1, words, [] {}) == 0);
    BOOST_TEST(line.run(1, words, fail) == 1);
    BOOST_TEST(line.run(1, words, [] { throw apps::usage_error("no"); }) == 2);
}

BOOST_AUTO_TEST_SUITE_END()
