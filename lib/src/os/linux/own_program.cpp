// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/linux/own_program.hpp"

#include "os/modules.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

namespace procpool::os {
namespace {

constexpr const char* running_image = "/proc/self/exe";

/// access() would answer for the real user, and without the capabilities of this process.
bool has_access(const char* file, int mode) noexcept {
    return ::faccessat(AT_FDCWD, file, mode, AT_EACCESS) == 0;
}

bool is_same_file(const std::string& one, const std::string& other) noexcept {
    struct stat first {};
    struct stat second {};
    return ::stat(one.c_str(), &first) == 0 && ::stat(other.c_str(), &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/// What /proc/self/maps says of the file at this address; empty if it is none.
std::string file_mapped_at(const void* address) {
    std::ifstream maps("/proc/self/maps");
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    for (std::string line; std::getline(maps, line);) { // "begin-end rights offset device inode   path"
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        const char* const last = line.data() + line.size();
        const auto dash = std::from_chars(line.data(), last, begin, 16);
        if (dash.ptr == last || std::from_chars(dash.ptr + 1, last, end, 16).ec != std::errc())
            continue;
        if (wanted < begin || wanted >= end)
            continue;
        const auto path = line.find('/');
        return path == std::string::npos ? std::string() : line.substr(path);
    }
    return {};
}

bool is_own_dynamic_loader(const std::string& file) {
    const auto modules = loaded_modules();
    return std::ranges::any_of(modules, [&](const loaded_module& module) {
        return !module.path.empty() && is_same_file(module.path, file);
    });
}

/// What the dynamic loader was told before the program's name.
std::vector<std::string> loader_arguments(const std::string& program) {
    std::ostringstream text;
    text << std::ifstream("/proc/self/cmdline").rdbuf();
    std::istringstream words(text.str());
    std::vector<std::string> out;
    std::string word;
    std::getline(words, word, '\0'); // its own name
    while (std::getline(words, word, '\0')) {
        if (is_same_file(word, program)) {
            out.push_back(program);
            return out;
        }
        out.push_back(word);
    }
    return {program}; // a title was written over the command line
}

own_program find() {
    if (!has_access(running_image, X_OK)) {
        const auto* const name = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
        std::error_code none;
        return {name != nullptr ? std::filesystem::absolute(name, none).string() : running_image, {}};
    }
    const auto modules = loaded_modules(); // the program is the first
    const auto program = modules.empty() ? std::string() : file_mapped_at(modules.front().base);
    if (program.empty() || is_same_file(program, running_image))
        return {running_image, {}};
    if (!has_access(program.c_str(), F_OK)) // deleted: there is only the image, which is the program's or not
        return {running_image, {}};
    if (is_own_dynamic_loader(running_image))
        return {running_image, loader_arguments(program)};
    // A replaced file is named as a deleted one, so that this is another program's image.
    return {program, {}};
}

} // namespace

const own_program& find_own_program() {
    static const own_program own = find();
    return own;
}

} // namespace procpool::os
