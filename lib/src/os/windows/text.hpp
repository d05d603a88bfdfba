// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_TEXT_HPP
#define PROCPOOL_OS_WINDOWS_TEXT_HPP

#include <string>
#include <string_view>

// Conversion between UTF-8, which the library uses, and UTF-16, which the system uses.
namespace procpool::os {

/// Invalid UTF-8 or UTF-16 becomes a replacement character.
std::wstring to_wide(std::string_view text);
std::string to_utf8(std::wstring_view text);

/// The whole path of this program's file.
std::wstring program_path();

} // namespace procpool::os

#endif
