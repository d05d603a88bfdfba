// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_INTEGRATION_MAIN_HPP
#define PROCPOOL_TEST_INTEGRATION_MAIN_HPP

#include "os/self.hpp"
#include "support/process_control.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>

// The main function of a test program that its tests start again as a child. A child has no arguments; the
// environment contains its script. The script runs before Boost.Test, which would run the tests again.
namespace procpool::test {

inline constexpr const char* script_variable = "PROCPOOL_TEST_SCRIPT";

/// A script that every test program has: `start_bystander`.
inline constexpr const char* bystander_script = "be a bystander";

inline int run_tests(int argc, char** argv) {
#if defined(BOOST_TEST_ALTERNATIVE_INIT_API) // as the shared library has it
    return boost::unit_test::unit_test_main([] { return true; }, argc, argv);
#else
    const auto initialise = [](int, char**) -> boost::unit_test::test_suite* { return nullptr; };
    return boost::unit_test::unit_test_main(initialise, argc, argv);
#endif
}

/// Runs the script of a child by `play(script)`, whose result is the exit status; without a script, runs the
/// tests.
template <class Play>
int integration_main(int argc, char** argv, Play play) {
    if (const std::optional<std::string> script = os::take_environment(script_variable))
        return *script == bystander_script ? (sleep_for_ever(), 0) : play(*script);
    return run_tests(argc, argv);
}

inline int integration_main(int argc, char** argv) {
    return integration_main(argc, argv, [](const std::string&) { return 1; });
}

} // namespace procpool::test

#endif
