// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_REGISTERED_EXCEPTIONS_HPP
#define PROCPOOL_ERROR_REGISTERED_EXCEPTIONS_HPP

// The exception types that this process has registered. A type whose name other files may use for another
// type, such as one in an unnamed namespace, is identified by the position of its type_info.

#include <procpool/register_exception.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <typeinfo>
#include <vector>

namespace procpool::detail {

/// All of them, in the order of registration.
std::vector<registered_exception> registered_exceptions();

/// Identifies a type in another process with the same modules.
struct exception_key {
    std::string name;         // type_info::name()
    std::uint64_t module = 0; // fingerprint of the module with the type_info
    std::uint64_t offset = 0; // of the type_info in there

    friend bool operator==(const exception_key&, const exception_key&) = default;
};
exception_key key_of(const std::type_info& type);

std::optional<registered_exception> find_registered_exception(const exception_key& key);

} // namespace procpool::detail

#endif
