// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/python.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace bench {
namespace {

constexpr const char* script = PROCPOOL_BENCH_FOLDER "/python_pool.py";

bool has_python() {
    static const bool has = std::system("python3 -c pass >/dev/null 2>&1") == 0;
    return has;
}

} // namespace

std::optional<double> python_seconds(const std::string& arguments) {
    if (!has_python())
        return std::nullopt;
    const std::string command = std::string("python3 '") + script + "' " + arguments;
    std::FILE* const output = ::popen(command.c_str(), "r");
    if (output == nullptr)
        throw std::runtime_error("cannot run " + command);
    double seconds = 0;
    const bool read = std::fscanf(output, "%lf", &seconds) == 1;
    if (::pclose(output) != 0 || !read)
        throw std::runtime_error("failed: " + command);
    return seconds;
}

} // namespace bench
