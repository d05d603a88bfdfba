// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/self.hpp"

#include "support/cpu_affinity.hpp"
#include "support/environment.hpp"
#include "support/integration_main.hpp"
#include "support/process_control.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

namespace os = procpool::os;

BOOST_AUTO_TEST_SUITE(self)

BOOST_AUTO_TEST_CASE(cpus_that_the_process_may_not_use_do_not_count) {
    BOOST_TEST(os::usable_cpus() >= 1u);
    BOOST_TEST(os::usable_cpus() <= std::max(1u, std::thread::hardware_concurrency()));
    const procpool::test::one_cpu_only restricted;
    BOOST_TEST(os::usable_cpus() == 1u);
}

BOOST_AUTO_TEST_CASE(the_program_is_named_after_its_file) {
    BOOST_TEST(std::string("integration.os.self") + (os::program_name().ends_with(".exe") ? ".exe" : "") ==
               os::program_name());
}

#if !defined(_WIN32) // lacks names of processes other than those of their files
BOOST_AUTO_TEST_CASE(the_process_can_be_given_a_name_which_is_cut) {
    os::set_process_name("a name of twenty-two..");
    std::string name;
    std::getline(std::ifstream("/proc/self/comm"), name);
    BOOST_TEST(name == "a name of twent");
    os::set_process_name(os::program_name());
}
#endif

BOOST_AUTO_TEST_CASE(a_variable_that_was_taken_is_gone) {
    procpool::test::set_environment("PROCPOOL_TEST_VARIABLE", "a=b");
    BOOST_TEST(os::take_environment("PROCPOOL_TEST_VARIABLE").value() == "a=b");
    BOOST_TEST(std::getenv("PROCPOOL_TEST_VARIABLE") == nullptr);
    BOOST_TEST(!os::take_environment("PROCPOOL_TEST_VARIABLE").has_value());
    procpool::test::set_environment("PROCPOOL_TEST_VARIABLE", "");
    BOOST_TEST(os::take_environment("PROCPOOL_TEST_VARIABLE").value() == "");
}

BOOST_AUTO_TEST_CASE(the_process_knows_its_number) {
    BOOST_TEST(os::current_pid() == procpool::test::own_pid());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::integration_main(argc, argv);
}
