// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_ENVIRONMENT_HPP
#define PROCPOOL_TEST_ENVIRONMENT_HPP

#include <cstdlib>
#include <string>

#if defined(_WIN32)
#include <windows.h>
#endif

// Environment variables for the processes that this process starts.
namespace procpool::test {

#if defined(_WIN32)
/// Sets the system's variable and the C library's copy, which has no empty variables.
inline void set_environment(const char* name, const std::string& value) {
    ::_putenv_s(name, value.c_str());
    ::SetEnvironmentVariableA(name, value.c_str());
}
inline void unset_environment(const char* name) {
    ::_putenv_s(name, "");
    ::SetEnvironmentVariableA(name, nullptr);
}
#else
inline void set_environment(const char* name, const std::string& value) {
    ::setenv(name, value.c_str(), 1);
}
inline void unset_environment(const char* name) {
    ::unsetenv(name);
}
#endif

} // namespace procpool::test

#endif
