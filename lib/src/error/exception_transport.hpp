// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_EXCEPTION_TRANSPORT_HPP
#define PROCPOOL_ERROR_EXCEPTION_TRANSPORT_HPP

#include <procpool/remote_info.hpp>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <typeinfo>
#include <vector>

// The exception types that this process has registered. A type whose name other files may use for another
// type, such as one in an unnamed namespace, is identified by the position of its type_info.

#include <procpool/register_exception.hpp>

// Sends an exception of any type from a worker to the parent.

#include <procpool/codec.hpp>

namespace procpool::detail {

/// All registered types, in the order of registration.
std::vector<registered_exception> registered_exceptions();

/// Identifies a type in another process with the same modules.
struct exception_key {
    std::string name;         // type_info::name()
    std::uint64_t module = 0; // fingerprint of the module with the type_info
    std::uint64_t offset = 0; // of the type_info in its module

    friend bool operator==(const exception_key&, const exception_key&) = default;
};
exception_key key_of(const std::type_info& type);

std::optional<registered_exception> find_registered_exception(const exception_key& key);

/// The maximum depth of nested exceptions that are sent; a remark replaces deeper ones.
inline constexpr int max_nested_exceptions = 32;

/// Writes `error`. The written bytes can be decoded for any type, and even if its codec throws.
///
/// Shape:  pads `out` to 16 bytes first, so that a payload of a registered type is aligned like any other.
/// Errors: only those of `out` itself, which may have no memory left.
void encode_exception(encoder& out, const std::exception_ptr& error);

/// Restores the exception. `context`: the facts that the parent knows: the pid, the name of the task, the
/// item.
///
/// Errors: throws nothing. Malformed bytes become a codec_error, lack of memory a std::bad_alloc.
std::exception_ptr decode_exception(decoder& in, const remote_info& context) noexcept;

} // namespace procpool::detail

#endif
