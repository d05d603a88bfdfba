// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/machine.hpp"

#include <procpool/options.hpp>

#include <array>
#include <cstdlib>
#include <fstream>

#include <sys/utsname.h>

namespace bench {
namespace {

/// The text after a name in a file of lines like "model name : ...".
std::string value_in(const char* path, const std::string& name, char separator) {
    std::ifstream lines(path);
    for (std::string line; std::getline(lines, line);) {
        if (line.compare(0, name.size(), name) != 0)
            continue;
        const auto start = line.find_first_not_of(" \t\"", line.find(separator) + 1);
        return start == std::string::npos ? "" : line.substr(start, line.find_last_not_of('"') + 1 - start);
    }
    return "unknown";
}

} // namespace

machine this_machine() {
    utsname kernel{};
    ::uname(&kernel);
    return {.processor = value_in("/proc/cpuinfo", "model name", ':'),
            .cpus = procpool::default_processes(),
            .system = value_in("/etc/os-release", "PRETTY_NAME", '=') + ", Linux " + kernel.release,
            .compiler = PROCPOOL_BENCH_COMPILER,
            .flags = PROCPOOL_BENCH_FLAGS};
}

double load_now() {
    std::array<double, 1> load{};
    return ::getloadavg(load.data(), 1) == 1 ? load[0] : 0;
}

} // namespace bench
