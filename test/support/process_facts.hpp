// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_PROCESS_FACTS_HPP
#define PROCPOOL_TEST_PROCESS_FACTS_HPP

#include "support/open_descriptors.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

// What a process got from the process that started it, as lines of "name=value".
namespace procpool::test {

inline std::string text_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    std::string result = std::move(text).str();
    std::replace(result.begin(), result.end(), '\0', '|');
    return result;
}

inline std::string link_of(int descriptor) {
    std::error_code none;
    return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), none).string();
}

/// The signals of a mask in /proc/self/status, without the two that the C library uses itself.
inline unsigned long long signal_mask(const std::string& name) {
    constexpr unsigned long long internal = 3ULL << 31;
    const std::string status = text_of("/proc/self/status");
    const std::size_t at = status.find(name + ":");
    return std::stoull(status.substr(at + name.size() + 1), nullptr, 16) & ~internal;
}

inline std::string process_facts() {
    std::ostringstream facts;
    facts << "descriptors=";
    for (const int descriptor : open_descriptors())
        facts << descriptor << ' ';
    char byte = 0;
    facts << "\nstdin=" << link_of(STDIN_FILENO) << ' ' << ::read(STDIN_FILENO, &byte, 1);
    facts << "\nstdout=" << link_of(STDOUT_FILENO);
    facts << "\nstderr=" << link_of(STDERR_FILENO);
    facts << "\nblocked=" << signal_mask("SigBlk");
    facts << "\nignored=" << signal_mask("SigIgn");
    facts << "\nleads group=" << (::getpgrp() == ::getpid());
    facts << "\ncommand line=" << text_of("/proc/self/cmdline");
    facts << "\ncommand=" << text_of("/proc/self/comm");
    return facts.str();
}

/// The value of one fact.
inline std::string fact(const std::string& facts, const std::string& name) {
    const std::string lines = '\n' + facts;
    const std::size_t at = lines.find('\n' + name + '=');
    if (at == std::string::npos)
        return "no such fact in: " + facts;
    const std::size_t start = at + name.size() + 2;
    return lines.substr(start, lines.find('\n', start) - start);
}

} // namespace procpool::test

#endif
