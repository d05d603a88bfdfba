// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_WINDOWS_ENVIRONMENT_BLOCK_HPP
#define PROCPOOL_OS_WINDOWS_ENVIRONMENT_BLOCK_HPP

#include <span>
#include <string>
#include <utility>

namespace procpool::os {

/// The environment of this process, in the form for CreateProcess.
std::wstring own_environment();

/// An environment and `added`, which replaces equal names, in the form for CreateProcess: lines that each end
/// with a NUL, and one more NUL.
///
/// Errors: throws `std::invalid_argument` for a name that is empty or has an `=`, and for a NUL anywhere.
std::wstring environment_block(const std::wstring& base,
                               std::span<const std::pair<std::string, std::string>> added);

} // namespace procpool::os

#endif
