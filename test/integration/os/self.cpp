// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/self.hpp"

#include "support/integration_main.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sched.h>
#include <unistd.h>

namespace os = procpool::os;

BOOST_AUTO_TEST_SUITE(self)

BOOST_AUTO_TEST_CASE(cpus_that_the_process_may_not_use_do_not_count) {
    BOOST_TEST(os::usable_cpus() >= 1u);
    BOOST_TEST(os::usable_cpus() <= static_cast<std::size_t>(::sysconf(_SC_NPROCESSORS_CONF)));
    cpu_set_t before;
    BOOST_TEST_REQUIRE(::sched_getaffinity(0, sizeof before, &before) == 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
        if (CPU_ISSET(cpu, &before))
            CPU_SET(cpu, &one);
    }
    BOOST_TEST_REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
    BOOST_TEST(os::usable_cpus() == 1u);
    ::sched_setaffinity(0, sizeof before, &before);
}

BOOST_AUTO_TEST_CASE(the_program_is_named_after_its_file) {
    BOOST_TEST(os::program_name() == std::filesystem::read_symlink("/proc/self/exe").filename().string());
}

BOOST_AUTO_TEST_CASE(the_process_can_be_given_a_name_which_is_cut) {
    os::set_process_name("a name of twenty-two..");
    std::string name;
    std::getline(std::ifstream("/proc/self/comm"), name);
    BOOST_TEST(name == "a name of twent");
    os::set_process_name(os::program_name());
}

BOOST_AUTO_TEST_CASE(a_variable_that_was_taken_is_gone) {
    ::setenv("PROCPOOL_TEST_VARIABLE", "a=b", 1);
    BOOST_TEST(os::take_environment("PROCPOOL_TEST_VARIABLE").value() == "a=b");
    BOOST_TEST(std::getenv("PROCPOOL_TEST_VARIABLE") == nullptr);
    BOOST_TEST(!os::take_environment("PROCPOOL_TEST_VARIABLE").has_value());
    ::setenv("PROCPOOL_TEST_VARIABLE", "", 1);
    BOOST_TEST(os::take_environment("PROCPOOL_TEST_VARIABLE").value() == "");
}

BOOST_AUTO_TEST_CASE(the_process_knows_its_number) {
    BOOST_TEST(os::current_pid() == ::getpid());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::integration_main(argc, argv);
}
