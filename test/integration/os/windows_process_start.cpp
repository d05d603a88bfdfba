// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/handles.hpp"
#include "os/memory.hpp"
#include "os/process.hpp"
#include "os/self.hpp"
#include "support/mapping_facts.hpp"
#include "support/scripted_child.hpp"

#include <boost/system/system_error.hpp>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <windows.h>

// The state in which a worker starts, on Windows.
namespace os = procpool::os;
using namespace procpool::test;

namespace {

constexpr const char* handle_variable = "PROCPOOL_TEST_HANDLE";

void tell_command_line() {
    say(::GetCommandLineA());
}

void tell_standard_input() {
    char byte = 0;
    DWORD got = 1;
    ::ReadFile(::GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &got, nullptr);
    say(got == 0 ? "empty" : "not empty");
}

void tell_variables() {
    say(os::take_environment("PROCPOOL_TEST_A").value());
    say(std::getenv("PATH"));
    say(std::getenv("PROCPOOL_TEST_A") == nullptr ? "" : " again");
}

/// Whether an inheritable handle of the parent has the same number and event here.
void tell_whether_handle_came() {
    const auto number = std::stoull(os::take_environment(handle_variable).value());
    const auto handle = reinterpret_cast<HANDLE>(static_cast<std::uintptr_t>(number));
    say(::WaitForSingleObject(handle, 0) == WAIT_OBJECT_0 ? "inherited" : "not inherited");
}

void tell_sizes() {
    for (const std::size_t position : {std::size_t{1}, std::size_t{2}, std::size_t{3}})
        say(std::to_string(os::shared_memory::adopt(os::inherited_handle(position)).size()) + ' ');
}

int play(const std::string& script) {
    const std::map<std::string, std::function<void()>> scripts{
        {"command line", tell_command_line},
        {"standard input", tell_standard_input},
        {"variables", tell_variables},
        {"handle", tell_whether_handle_came},
        {"sizes", tell_sizes},
    };
    scripts.at(script)();
    return 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(windows_process_start, nothing_left)

BOOST_AUTO_TEST_CASE(a_handle_that_it_was_not_given_does_not_come) {
    SECURITY_ATTRIBUTES inheritable{sizeof inheritable, nullptr, TRUE};
    const os::unique_handle careless(::CreateEventW(&inheritable, TRUE, TRUE, nullptr));
    const auto number = std::to_string(reinterpret_cast<std::uintptr_t>(careless.get()));
    scripted_child child("handle", {}, {{handle_variable, number}});
    BOOST_TEST(child.hear_all() == "not inherited");
    child.wait_for_exit();
}

BOOST_AUTO_TEST_CASE(handles_arrive_in_order) {
    const auto page = os::page_size();
    std::vector<os::shared_memory> memories;
    std::string expected;
    for (const std::size_t pages : {std::size_t{3}, std::size_t{1}, std::size_t{2}}) {
        memories.push_back(os::shared_memory::create(pages * page));
        expected += std::to_string(pages * page) + ' ';
    }
    BOOST_TEST(answer_to("sizes", {memories[0].handle(), memories[1].handle(), memories[2].handle()}) ==
               expected);
}

BOOST_AUTO_TEST_CASE(its_title_says_what_it_is) {
    BOOST_TEST(answer_to("command line") == '"' + os::program_name() + ' ' + child_title + '"');
}

BOOST_AUTO_TEST_CASE(standard_input_is_empty) {
    BOOST_TEST(answer_to("standard input") == "empty");
}

BOOST_AUTO_TEST_CASE(variables_are_added_to_the_parents) {
    scripted_child child("variables", {}, {{"PROCPOOL_TEST_A", "b c="}});
    BOOST_TEST(child.hear_all() == std::string("b c=") + std::getenv("PATH"));
    BOOST_TEST(child.wait_for_exit().text == "exited with status 0");
}

#if !defined(PROCPOOL_TEST_BY_WINE) // lacks a limit on the length of a command line
BOOST_AUTO_TEST_CASE(what_is_too_long_to_pass_on_is_an_error_in_words) {
    boost::asio::io_context context;
    BOOST_CHECK_EXCEPTION(os::start_worker(context.get_executor(), {std::string(4'000'000, 'x'), {}, {}}),
                          boost::system::system_error, [](const auto& error) {
                              return std::string(error.what()).starts_with("cannot start a worker");
                          });
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return integration_main(argc, argv, play);
}
