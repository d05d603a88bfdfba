// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/codec/codec_failures.hpp>
#include <procpool/detail/codec/throw_codec_error.hpp>

#include <boost/core/demangle.hpp>

#include <string>

namespace procpool::detail {

void fail_underrun(std::size_t wanted, std::size_t remaining) {
    throw_codec_error("The bytes end too early: " + std::to_string(wanted) + " are wanted, " +
                      std::to_string(remaining) + " are left.");
}

void fail_count(unsigned long long count, std::size_t remaining) {
    throw_codec_error("The bytes speak of " + std::to_string(count) + " elements, more than the " +
                      std::to_string(remaining) + " bytes that are left can hold.");
}

void fail_value(const char* of_what, unsigned long long value) {
    throw_codec_error("The bytes hold " + std::to_string(value) + " where " + of_what + " should be.");
}

void fail_nesting(unsigned limit) {
    throw_codec_error("Pointers and containers are nested more than " + std::to_string(limit) +
                      " deep, or in a cycle.");
}

void fail_alignment(std::size_t alignment) {
    throw_codec_error("The bytes of a view are not aligned to " + std::to_string(alignment) + ".");
}

void fail_valueless() {
    throw_codec_error("A std::variant that is valueless by exception cannot be encoded.");
}

void fail_slicing(const char* type, const char* dynamic_type) {
    throw_codec_error("A pointer to " + boost::core::demangle(type) + " holds a " +
                      boost::core::demangle(dynamic_type) + ", which would be cut down to its base.");
}

} // namespace procpool::detail
