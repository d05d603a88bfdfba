// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SUPPORT_EXCEPTIONS_HPP
#define PROCPOOL_TEST_SUPPORT_EXCEPTIONS_HPP

// Exception types of a user, registered and not.

#include <procpool/codec.hpp>
#include <procpool/error.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>

namespace test_exceptions {

struct unregistered : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

struct not_an_exception {
    int value;
};

struct parse_error : std::logic_error {
    parse_error(const std::string& what, int at) : std::logic_error(what), line(at) {}
    int line;
};

struct derived_parse_error : parse_error {
    using parse_error::parse_error;
};

struct plain_failure {
    plain_failure() = default;
    explicit plain_failure(int v) : value(v) {}
    virtual ~plain_failure() = default;
    plain_failure(const plain_failure&) = default;
    plain_failure& operator=(const plain_failure&) = default;
    int value = 0;
};

/// The codec throws in the function that `when` names.
struct uncodable : std::exception {
    enum class fails : std::uint8_t { in_encode, in_decode };
    explicit uncodable(fails at) : when(at) {}
    const char* what() const noexcept override { return "uncodable"; }
    fails when;
};

inline const std::error_category& strange_category() {
    class category final : public std::error_category {
      public:
        const char* name() const noexcept override { return "strange"; }
        std::string message(int) const override { return "message of strange"; }
    };
    static const category instance;
    return instance;
}

} // namespace test_exceptions

template <>
struct procpool::codec<test_exceptions::parse_error> {
    static void encode(encoder& out, const test_exceptions::parse_error& error) {
        out.write(std::string(error.what()));
        out.write(error.line);
    }
    static test_exceptions::parse_error decode(decoder& in) {
        const auto what = in.read<std::string>();
        return {what, in.read<int>()};
    }
};

template <>
struct procpool::codec<test_exceptions::plain_failure> {
    static void encode(encoder& out, const test_exceptions::plain_failure& failure) {
        out.write(failure.value);
    }
    static test_exceptions::plain_failure decode(decoder& in) {
        return test_exceptions::plain_failure(in.read<int>());
    }
};

template <>
struct procpool::codec<test_exceptions::uncodable> {
    using fails = test_exceptions::uncodable::fails;
    static void encode(encoder& out, const test_exceptions::uncodable& error) {
        out.write(static_cast<std::uint8_t>(error.when));
        if (error.when == fails::in_encode)
            throw 1;
    }
    static test_exceptions::uncodable decode(decoder& in) {
        const auto when = static_cast<fails>(in.read<std::uint8_t>());
        if (when == fails::in_decode)
            throw 2;
        return test_exceptions::uncodable(when);
    }
};

// Registered before main, as a user may do.
inline const bool registered_exceptions_of_the_test = [] {
    procpool::register_exception<test_exceptions::parse_error>();
    procpool::register_exception<test_exceptions::parse_error>();
    procpool::register_exception<test_exceptions::plain_failure>();
    procpool::register_exception<test_exceptions::uncodable>();
    return true;
}();

#endif
