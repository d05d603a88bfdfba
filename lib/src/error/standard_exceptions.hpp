// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_STANDARD_EXCEPTIONS_HPP
#define PROCPOOL_ERROR_STANDARD_EXCEPTIONS_HPP

// The exception types that come back from a worker as themselves without registration: those of the standard
// library, boost::system::system_error, and procpool's own.

#include "error/thrown_object.hpp"

#include <procpool/codec.hpp>
#include <procpool/remote_info.hpp>

#include <exception>
#include <span>
#include <typeinfo>

namespace procpool::detail {

/// The codec of one type. Its text is sent in remote_info::what, in addition to the output of encode().
struct standard_exception {
    const std::type_info* type;
    bool (*is_base_of)(const std::exception* error);
    bool (*is_thrown_as)(const std::exception* error, const thrown_object& thrown);
    void (*encode)(encoder& out, const std::exception& error);
    std::exception_ptr (*decode)(decoder& in, remote_info info, const std::exception_ptr& inner);
};

/// All of them; a derived type precedes its bases. The index of a type identifies it in a message.
std::span<const standard_exception> standard_exceptions() noexcept;

/// The type as which `error` was thrown, or nullptr if it is a user's class, even one derived from these. An
/// internal type of the standard library counts as its nearest public base.
const standard_exception* find_standard_exception(const std::exception& error, const thrown_object& thrown);

} // namespace procpool::detail

#endif
