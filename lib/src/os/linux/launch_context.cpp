// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/launch_context.hpp"

#include "os/linux/descriptors.hpp"

#include <cerrno>
#include <fstream>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace procpool::os {
namespace {

/// By a descriptor: its path may come to lead elsewhere, and it may be deleted.
unique_handle open_folder() {
    unique_handle folder = open_file(AT_FDCWD, ".", O_PATH | O_DIRECTORY);
    if (!folder && errno != EMFILE && errno != ENFILE && errno != ENOMEM)
        return {};
    return own_descriptor(folder.release(), "cannot open the working directory");
}

/// Asking umask() would change it for a moment, for all threads.
std::optional<std::uint32_t> read_file_mask() {
    std::ifstream status("/proc/self/status");
    constexpr std::string_view name = "Umask:";
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name))
            return static_cast<std::uint32_t>(std::stoul(line.substr(name.size()), nullptr, 8));
    return std::nullopt;
}

} // namespace

launch_context launch_context::now() {
    launch_context out;
    for (const char* const* line = environ; line != nullptr && *line != nullptr; ++line)
        out.environment.emplace_back(*line);
    out.folder = open_folder();
    out.file_mask = read_file_mask();
    return out;
}

} // namespace procpool::os
