// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_BYSTANDER_HPP
#define PROCPOOL_TEST_BYSTANDER_HPP

#include "support/integration_main.hpp"

#include <stdexcept>
#include <string>

#if defined(_WIN32)
#include "support/environment.hpp"

#include <windows.h>
#else
#include <vector>

#include <spawn.h>
#include <unistd.h>
#endif

// A program that a worker starts and that does not know the pool. It sleeps until it is killed.
namespace procpool::test {

/// Returns its process number.
inline long start_bystander() {
#if defined(_WIN32)
    std::wstring path(1000, L'\0');
    path.resize(::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
    std::wstring line = L"bystander";
    STARTUPINFOW info{};
    info.cb = sizeof info;
    PROCESS_INFORMATION made{};
    set_environment(script_variable, bystander_script);
    const BOOL started = ::CreateProcessW(path.c_str(), line.data(), nullptr, nullptr, FALSE, 0, nullptr,
                                          nullptr, &info, &made);
    unset_environment(script_variable);
    if (started == 0)
        throw std::runtime_error("no bystander could be started");
    ::CloseHandle(made.hThread);
    ::CloseHandle(made.hProcess);
    return static_cast<long>(made.dwProcessId);
#else
    std::string script = std::string(script_variable) + '=' + bystander_script;
    std::vector<char*> environment{script.data()};
    for (char** each = environ; *each != nullptr; ++each)
        environment.push_back(*each);
    environment.push_back(nullptr);
    std::string name = "bystander";
    char* arguments[] = {name.data(), nullptr};
    pid_t child = 0;
    if (::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments, environment.data()) != 0)
        throw std::runtime_error("no bystander could be started");
    return child;
#endif
}

} // namespace procpool::test

#endif
