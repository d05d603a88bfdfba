// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_START_NOTE_HPP
#define PROCPOOL_OS_WINDOWS_START_NOTE_HPP

#include "os/handles.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A note to a worker about the handles that it inherits: unlike descriptors, they keep their numbers, which
// the parent cannot choose.
namespace procpool::os {

/// The environment variable that contains the note.
inline constexpr const char* start_variable = "PROCPOOL_INHERITED";

struct start_note {
    std::string job; // the name of the job that contains the worker and its descendants
    std::vector<native_handle> handles;
};

std::string to_text(const start_note& note);

/// Nullopt if the text was not made by to_text.
std::optional<start_note> note_from_text(std::string_view text);

/// The note of this process; empty if it is not a worker. The first call removes it from the environment.
const start_note& own_start_note() noexcept;

} // namespace procpool::os

#endif
