// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_START_NOTE_HPP
#define PROCPOOL_OS_WINDOWS_START_NOTE_HPP

#include "os/native_handle.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a worker is told of the handles that it inherits: unlike descriptors, they keep their numbers, which
// the parent does not choose.
namespace procpool::os {

/// The environment variable that carries it.
inline constexpr const char* start_variable = "PROCPOOL_INHERITED";

struct start_note {
    std::string job; // the name of the job that the worker and what it starts are in
    std::vector<native_handle> handles;
};

std::string to_text(const start_note& note);

/// Nothing if it was not made by to_text.
std::optional<start_note> note_from_text(std::string_view text);

/// This process's own; empty if it is no worker. The first call takes it from the environment.
const start_note& own_start_note() noexcept;

} // namespace procpool::os

#endif
