// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_REGISTERED_EXCEPTIONS_HPP
#define PROCPOOL_ERROR_REGISTERED_EXCEPTIONS_HPP

// The exception types that this process has registered. Parent and worker are one executable, so that a type
// has the same `type_info::name()` in both, and that is the key.

#include <procpool/register_exception.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace procpool::detail {

/// All of them, in the order of registration.
std::vector<registered_exception> registered_exceptions();

/// The one whose `type->name()` is `key`.
std::optional<registered_exception> find_registered_exception(std::string_view key);

} // namespace procpool::detail

#endif
