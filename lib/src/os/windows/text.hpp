// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_TEXT_HPP
#define PROCPOOL_OS_WINDOWS_TEXT_HPP

#include <string>
#include <string_view>

// UTF-8, as it is everywhere in the library, and UTF-16, as the system has it.
namespace procpool::os {

/// What is no valid UTF-8 or UTF-16 becomes a replacement character.
std::wstring to_wide(std::string_view text);
std::string to_utf8(std::wstring_view text);

/// The whole path of this program's file.
std::wstring program_path();

} // namespace procpool::os

#endif
