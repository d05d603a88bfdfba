// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/process_use.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace bench {
namespace {

std::string folder_of(long pid) {
    return "/proc/" + std::to_string(pid);
}

[[noreturn]] void cannot_read(const std::string& path) {
    throw std::runtime_error("the system does not tell by " + path);
}

} // namespace

double cpu_seconds(long pid) {
    const std::string threads = folder_of(pid) + "/task";
    double nanoseconds = 0;
    for (const auto& thread : std::filesystem::directory_iterator(threads)) {
        double each = 0;
        if (!(std::ifstream(thread.path() / "schedstat") >> each))
            cannot_read(threads);
        nanoseconds += each;
    }
    return nanoseconds * 1e-9;
}

memory_use memory_of(long pid) {
    const std::string path = folder_of(pid) + "/smaps_rollup";
    std::ifstream file(path);
    memory_use out;
    bool found = false;
    for (std::string word; file >> word;) {
        double kibibytes = 0;
        if (word == "Pss:" && file >> kibibytes) {
            out.proportional_bytes = kibibytes * 1024;
            found = true;
        } else if ((word == "Private_Clean:" || word == "Private_Dirty:") && file >> kibibytes) {
            out.private_bytes += kibibytes * 1024;
        }
    }
    if (!found)
        cannot_read(path);
    return out;
}

std::size_t descriptors_of(long pid) {
    const std::filesystem::directory_iterator all(folder_of(pid) + "/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

} // namespace bench
