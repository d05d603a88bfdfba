// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/command_line.hpp"

#include <procpool/version.hpp>

#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>

#include <algorithm>
#include <exception>
#include <iostream>

namespace apps {
namespace {

namespace po = boost::program_options;

std::vector<std::size_t> numbers_in(std::string_view text, const std::string& name, std::size_t high,
                                    const std::string& what) {
    std::vector<std::size_t> numbers;
    const auto skip_blanks = [&] {
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    };
    skip_blanks();
    if (text.find_first_not_of(", ") == std::string_view::npos)
        throw usage_error("--" + name + " takes at least one " + what);
    // A comma stands between two numbers: where one is missing, the number that is read there is empty.
    for (bool after_comma = false; after_comma || !text.empty();) {
        const std::string_view item = text.substr(0, text.find_first_of(", "));
        numbers.push_back(number_between<std::size_t>(name, item, 1, high, "whole numbers"));
        text.remove_prefix(item.size());
        skip_blanks();
        after_comma = text.starts_with(',');
        if (after_comma) {
            text.remove_prefix(1);
            skip_blanks();
        }
    }
    std::ranges::sort(numbers);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
}

} // namespace

command_line::command_line(std::string app, std::string purpose) : app_(std::move(app)), options_("Options") {
    add_answer("help", "say this and end", [this, purpose = std::move(purpose)] {
        std::cout << purpose << "\n\nUsage: " << app_ << " [OPTION...]"
                  << (word_.empty() ? std::string() : " [" + word_ + ']') << '\n'
                  << options_;
    });
    add_answer("version", "say the version and end", [this] {
        std::cout << app_ << ' ' << PROCPOOL_VERSION_MAJOR << '.' << PROCPOOL_VERSION_MINOR << '.'
                  << PROCPOOL_VERSION_PATCH << '\n';
    });
}

void command_line::add_answer(const std::string& name, const std::string& help, std::function<void()> say) {
    options_.add_options()(name.c_str(), help.c_str());
    answers_.emplace_back(name, std::move(say));
}

void command_line::add_flag(const std::string& name, bool& target, const std::string& help) {
    options_.add_options()(name.c_str(), po::bool_switch(&target), help.c_str());
}

void command_line::add_text(const std::string& name, const std::string& help, text_use use) {
    options_.add_options()(name.c_str(), po::value<std::string>()->notifier(std::move(use)), help.c_str());
}

void command_line::add_word(std::string name, text_use use) {
    word_ = std::move(name);
    use_word_ = std::move(use);
}

void command_line::add_list(const std::string& name, std::vector<std::size_t>& target, std::size_t high,
                            const std::string& what, const std::string& help) {
    const auto use = [=, &target](const std::vector<std::string>& words) {
        std::string list;
        for (const std::string& word : words)
            list += word + ' ';
        target = numbers_in(list, name, high, what);
    };
    options_.add_options()(
        name.c_str(), po::value<std::vector<std::string>>()->multitoken()->value_name("N...")->notifier(use),
        help.c_str());
}

bool command_line::parse(int argc, const char* const* argv) {
    namespace style = po::command_line_style;
    try {
        constexpr const char* stray = "word without an option";
        po::options_description all;
        all.add(options_).add_options()(
            stray, po::value<std::vector<std::string>>()->notifier([this](const std::vector<std::string>& words) {
                const std::size_t wanted = word_.empty() ? 0 : 1;
                if (words.size() > wanted)
                    throw usage_error("'" + words[wanted] + "' belongs to no option");
                use_word_(words.front());
            }));
        po::variables_map values;
        // Long options only: with short ones, "-5" after --jobs would be an unknown option, not a bad number.
        po::store(po::command_line_parser(argc, argv)
                      .options(all)
                      .positional(po::positional_options_description().add(stray, -1))
                      .style(style::allow_long | style::long_allow_next | style::long_allow_adjacent)
                      .run(),
                  values);
        for (const auto& [name, say] : answers_)
            if (values.contains(name)) {
                say();
                return false;
            }
        po::notify(values);
        return true;
    } catch (const po::error& error) {
        throw usage_error(error.what());
    }
}

int command_line::run(int argc, const char* const* argv, const std::function<void()>& work) {
    try {
        if (parse(argc, argv))
            work();
        if (!std::cout.flush())
            throw std::runtime_error("what was asked for could not be written");
        return 0;
    } catch (const usage_error& error) {
        std::cerr << app_ << ": " << error.what() << '\n';
        return 2;
    } catch (const std::exception& error) {
        std::cerr << app_ << ": " << error.what() << '\n';
        return 1;
    }
}

} // namespace apps
