// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_THROWN_OBJECT_HPP
#define PROCPOOL_ERROR_THROWN_OBJECT_HPP

// The properties of a thrown object of any type.

#include <exception>
#include <optional>
#include <string>
#include <typeinfo>

namespace procpool::detail {

struct thrown_object {
    const std::type_info* type = nullptr; ///< the dynamic type; null if the platform cannot determine it
    std::string type_name;                ///< demangled; "unknown type" if undetermined
    std::optional<std::string> text;      ///< what(), or the text itself if a text was thrown
    bool nested = false;                  ///< whether it is a std::nested_exception
    std::exception_ptr inner;             ///< the exception that it holds, if any
};

/// Inspects `error`, which is not null.
thrown_object inspect(const std::exception_ptr& error);

/// The type of the number that `error`, which is not null, is; null if it is something else. For platforms that
/// do not say which type was thrown.
const std::type_info* type_of_number(const std::exception_ptr& error);

} // namespace procpool::detail

#endif
