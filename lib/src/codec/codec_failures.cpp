// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/codec/codec_failures.hpp>

#include <procpool/error.hpp>

#include <boost/core/demangle.hpp>

#include <exception>
#include <string>
#include <utility>

namespace procpool::detail {
namespace {

std::string describe(codec_stage stage) {
    switch (stage) {
    case codec_stage::decode_argument:
        return "an argument could not be decoded in the worker (the task has not run)";
    case codec_stage::encode_result:
        return "the task has run, but its result could not be encoded";
    case codec_stage::decode_result:
        return "the task has run, but its result could not be decoded";
    }
    return "something could not be encoded or decoded";
}

} // namespace

void rethrow_as_codec_error(codec_stage stage) {
    std::string why;
    try {
        throw;
    } catch (const std::exception& e) {
        why = e.what();
    } catch (...) {
        why = "the codec threw something that is no std::exception";
    }
    throw codec_error(describe(stage) + ": " + why);
}

void throw_codec_error(std::string what) {
    throw codec_error(std::move(what));
}

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
