// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/process.hpp"

#include "os/memory.hpp"
#include "os/self.hpp"
#include "os/waiting.hpp"
#include "support/process_facts.hpp"
#include "support/scripted_child.hpp"

#include <boost/system/system_error.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// The state in which a worker starts. If the test needs an unusual parent, a child plays it.
namespace os = procpool::os;
using namespace procpool::test;

namespace {

std::string facts_of_own_child(std::vector<os::native_handle> handles = {}) {
    scripted_child child("facts", std::move(handles));
    const std::string facts = child.hear_all();
    child.wait_for_exit();
    return facts;
}

void tell_variables() {
    say(os::take_environment("PROCPOOL_TEST_A").value() + std::getenv("PATH"));
    say(std::getenv("PROCPOOL_TEST_A") == nullptr ? "" : " again");
}

void tell_sizes() {
    for (const int handle : {4, 5, 6})
        say(std::to_string(os::shared_memory::adopt(os::unique_handle(handle)).size()) + ' ');
}

void be_a_host_without_standard_streams() {
    for (const int stream : {0, 1, 2})
        ::close(stream);
    const os::doorbell bell = os::doorbell::create();
    const std::string where = std::to_string(bell.handle());
    // Files of the host get the numbers 0, which the worker inherits, and 1, which it does not.
    const int at_zero = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
    const int at_one = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    say("bell=" + where + "\nzero=" + std::to_string(at_zero) + "\none=" + std::to_string(at_one) + '\n' +
        facts_of_own_child({bell.handle(), at_zero}));
}

void be_a_host_with_strange_signals() {
    sigset_t all;
    ::sigfillset(&all);
    for (int number = 1; number < NSIG; ++number) {
        if (number != SIGCHLD)
            std::signal(number, SIG_IGN);
    }
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
    say(facts_of_own_child());
}

void be_a_host_with_many_descriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    int last = 0;
    while (last < 1500)
        last = ::open("/dev/null", O_RDONLY); // not close-on-exec: as in a careless program
    const os::doorbell bell = os::doorbell::create();
    say("bell=" + std::to_string(bell.handle()) + '\n' + facts_of_own_child({bell.handle()}));
}

// The worker's descriptors 3 to 6 must refer to what 3, 6, 4 and 5 refer to here.
void be_a_host_whose_handles_stand_in_the_way() {
    std::vector<os::shared_memory> memories;
    for (const unsigned size : {4U, 5U, 6U}) {
        memories.push_back(os::shared_memory::create(size));
        ::dup2(memories.back().handle(), static_cast<int>(size));
    }
    scripted_child child("sizes", {6, 4, 5});
    say(child.hear_all());
    child.wait_for_exit();
}

void be_a_host_whose_file_was_replaced() {
    const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe");
    std::filesystem::remove(own);
    std::ofstream(own) << "something else";
    say(facts_of_own_child());
}

int play(const std::string& script) {
    os::set_process_name(os::program_name());
    const std::map<std::string, std::function<void()>> scripts{
        {"facts",
         [] {
             say(process_facts() + "\nprogram=" + os::program_name());
         }},
        {"variables", tell_variables},
        {"sizes", tell_sizes},
        {"host without standard streams", be_a_host_without_standard_streams},
        {"host with strange signals", be_a_host_with_strange_signals},
        {"host with many descriptors", be_a_host_with_many_descriptors},
        {"host whose handles stand in the way", be_a_host_whose_handles_stand_in_the_way},
        {"host whose file was replaced", be_a_host_whose_file_was_replaced},
    };
    scripts.at(script)();
    return 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(process_start, nothing_left)

BOOST_AUTO_TEST_CASE(a_worker_is_given_its_handles_and_nothing_else) {
    const int leaky = ::dup(0); // inheritable
    const os::doorbell bell = os::doorbell::create();
    const std::string facts = answer_to("facts", {bell.handle(), bell.handle()});
    ::close(leaky);
    BOOST_TEST(fact(facts, "descriptors") == "0 1 2 3 4 5 ");
}

BOOST_AUTO_TEST_CASE(standard_input_is_empty_and_the_others_are_the_parents) {
    const std::string facts = answer_to("facts");
    BOOST_TEST(fact(facts, "stdin") == "/dev/null 0");
    BOOST_TEST(fact(facts, "stdout") == link_of(STDOUT_FILENO));
    BOOST_TEST(fact(facts, "stderr") == link_of(STDERR_FILENO));
}

BOOST_AUTO_TEST_CASE(its_title_says_what_it_is) {
    const std::string facts = answer_to("facts");
    const std::string program = os::program_name();
    BOOST_TEST(fact(facts, "command line") == program + ' ' + child_title + '|');
    BOOST_TEST(fact(facts, "command") == program.substr(0, 15));
    BOOST_TEST(fact(facts, "program") == program);
    BOOST_TEST(fact(facts, "leads group") == "1");
}

BOOST_AUTO_TEST_CASE(variables_are_added_to_the_parents) {
    scripted_child child("variables", {}, {{"PROCPOOL_TEST_A", "b c="}});
    BOOST_TEST(child.hear_all() == std::string("b c=") + std::getenv("PATH"));
    BOOST_TEST(child.wait_for_exit().text == "exited with status 0");
}

BOOST_AUTO_TEST_CASE(signals_that_the_parent_blocks_or_ignores_are_as_usual_in_the_worker) {
    const std::string facts = answer_to("host with strange signals");
    BOOST_TEST(fact(facts, "blocked") == "0");
    BOOST_TEST(fact(facts, "ignored") == "0");
}

BOOST_AUTO_TEST_CASE(standard_streams_that_the_parent_closed_never_become_something_else) {
    const std::string facts = answer_to("host without standard streams");
    BOOST_TEST(fact(facts, "zero") == "0");
    BOOST_TEST(fact(facts, "one") == "1");
    BOOST_TEST(std::stoi(fact(facts, "bell")) > 2);
    BOOST_TEST(fact(facts, "descriptors") == "0 1 2 3 4 5 ");
    BOOST_TEST(fact(facts, "stdin") == "/dev/null 0");
    BOOST_TEST(fact(facts, "stdout") == "/dev/null");
    BOOST_TEST(fact(facts, "stderr") == "/dev/null");
}

BOOST_AUTO_TEST_CASE(more_than_1024_descriptors_may_be_open) {
    const std::string facts = answer_to("host with many descriptors");
    BOOST_TEST(std::stoi(fact(facts, "bell")) > 1024);
    BOOST_TEST(fact(facts, "descriptors") == "0 1 2 3 4 ");
}

BOOST_AUTO_TEST_CASE(handles_that_stand_in_each_others_way_arrive_in_order) {
    BOOST_TEST(answer_to("host whose handles stand in the way") == "6 4 5 ");
}

BOOST_AUTO_TEST_CASE(a_program_whose_file_was_replaced_starts_itself_all_the_same) {
    char folder[] = "/tmp/procpool-test-XXXXXX";
    BOOST_TEST_REQUIRE(::mkdtemp(folder) != nullptr);
    const std::string copy = std::string(folder) + "/copied program";
    std::filesystem::copy_file("/proc/self/exe", copy);

    os::lifeline_pair line = os::make_lifeline();
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, line.worker_end.get(), line_to_parent);
    std::string script = std::string(script_variable) + "=host whose file was replaced";
    std::string search = "LD_LIBRARY_PATH=" + os::take_environment("LD_LIBRARY_PATH").value_or("");
    std::string name = "copied";
    char* arguments[] = {name.data(), nullptr};
    char* environment[] = {script.data(), search.data(), nullptr};
    pid_t host = -1;
    BOOST_TEST_REQUIRE(::posix_spawn(&host, copy.c_str(), &actions, nullptr, arguments, environment) == 0);
    ::posix_spawn_file_actions_destroy(&actions);
    line.worker_end.reset();

    std::string facts;
    char byte = 0;
    while (::read(line.parent_end.get(), &byte, 1) == 1)
        facts += byte;
    int status = -1;
    ::waitpid(host, &status, 0);
    std::filesystem::remove_all(folder);
    BOOST_TEST(status == 0);
    BOOST_TEST(fact(facts, "command line") == std::string("copied program ") + child_title + '|');
    BOOST_TEST(fact(facts, "program") == "copied program");
}

BOOST_AUTO_TEST_CASE(what_is_too_long_to_pass_on_is_an_error_in_words) {
    boost::asio::io_context context;
    BOOST_CHECK_EXCEPTION(
        os::start_worker(context.get_executor(), {std::string(4'000'000, 'x'), {}, {}}),
        boost::system::system_error, [](const auto& error) {
            return error.code().value() == E2BIG &&
                   std::string(error.what()).starts_with("cannot start a worker: its environment");
        });
}

BOOST_AUTO_TEST_CASE(a_handle_that_is_not_open_is_an_error) {
    boost::asio::io_context context;
    for (const os::native_handle wrong : {-1, 900}) {
        BOOST_CHECK_EXCEPTION(os::start_worker(context.get_executor(), {"", {}, {wrong}}),
                              boost::system::system_error,
                              [](const auto& error) { return error.code().value() == EBADF; });
    }
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return integration_main(argc, argv, play);
}
