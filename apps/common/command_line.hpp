// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_COMMAND_LINE_HPP
#define PROCPOOL_APPS_COMMAND_LINE_HPP

// From the command line to the exit status. An option takes text, a number in a range, a list of numbers, or nothing.

#include <boost/program_options/options_description.hpp>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace apps {

/// The command line is at fault: the text is one line that says how; the exit status is 2.
struct usage_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The number that is all of `text`.
///
/// Errors:     throws usage_error: "--NAME takes KIND from LOW to HIGH, not 'TEXT'".
template <class Number>
Number number_between(const std::string& name, std::string_view text, Number low, Number high,
                      const char* kind) {
    Number value{};
    const char* const end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value);
    if (failure == std::errc{} && stop == end && value >= low && value <= high) // not true for a NaN
        return value;
    std::ostringstream message;
    message << "--" << name << " takes " << kind << " from " << low << " to " << high << ", not '" << text
            << "'";
    throw usage_error(message.str());
}

class command_line {
  public:
    /// With the options --help and --version.
    command_line(std::string app, std::string purpose);
    command_line(const command_line&) = delete; // its options refer to it
    command_line& operator=(const command_line&) = delete;

    using text_use = std::function<void(const std::string&)>;
    void add_text(const std::string& name, const std::string& help, text_use use);

    /// A number from `low` to `high`; `target` holds the default.
    template <class Number>
    void add(const std::string& name, Number& target, std::type_identity_t<Number> low,
             std::type_identity_t<Number> high, const std::string& help) {
        std::ostringstream with_default;
        with_default << help << " (" << target << ')';
        add_text(name, with_default.str(), [name, &target, low, high](const std::string& text) {
            constexpr const char* kind = std::floating_point<Number> ? "a number" : "a whole number";
            target = number_between(name, text, low, high, kind);
        });
    }

    /// Whole numbers from 1 to `high`, as "1 2 4" or "1,2,4"; `target` gets them ascending, without repetition.
    void add_list(const std::string& name, std::vector<std::size_t>& target, std::size_t high,
                  const std::string& what, const std::string& help);

    void add_flag(const std::string& name, bool& target, const std::string& help);

    /// A word without an option, which need not be given; `name` stands for it in the help.
    void add_word(std::string name, text_use use);

    /// An option that `say` answers in place of the program's work.
    void add_answer(const std::string& name, const std::string& help, std::function<void()> say);

    /// False: an option such as --help was given, and answered.
    ///
    /// Errors:     throws usage_error.
    bool parse(int argc, const char* const* argv);

    /// Parses the command line, and then has `work` do the rest. To be returned from main().
    ///
    /// 0: done; 1: not so, and one line on standard error says why; 2: the command line is at fault.
    int run(int argc, const char* const* argv, const std::function<void()>& work);

    const std::string& app() const noexcept { return app_; }

  private:
    std::string app_;
    std::string word_; // empty: there is none
    text_use use_word_;
    std::vector<std::pair<std::string, std::function<void()>>> answers_{};
    boost::program_options::options_description options_;
};

} // namespace apps

#endif
