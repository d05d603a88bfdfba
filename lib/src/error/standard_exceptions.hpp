// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_STANDARD_EXCEPTIONS_HPP
#define PROCPOOL_ERROR_STANDARD_EXCEPTIONS_HPP

#include "error/error_codes.hpp"

#include <procpool/codec.hpp>
#include <procpool/detail/codec/codec_failures.hpp>
#include <procpool/error.hpp>
#include <procpool/remote_info.hpp>

#include <boost/system/system_error.hpp>

#include <cstdint>
#include <exception>
#include <filesystem>
#include <future>
#include <ios>
#include <memory>
#include <optional>
#include <regex>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <typeinfo>
#include <utility>

// Sends the contents of an exception besides its text, and restores the exception from both:
// `exception_fields<E>` has
//     using rebuilt = ...;                             // E, or a class derived from E that keeps the text
//     static void encode(encoder&, const E&);
//     static rebuilt decode(decoder&, const std::string& what);

// The exception types that come back from a worker as themselves without registration: those of the standard
// library, boost::system::system_error, and procpool's own.

#include "error/thrown_object.hpp"

namespace procpool::detail {

/// An E for a text that its constructors do not accept, or would extend.
template <class E>
class with_text : public E {
  public:
    template <class... Args>
    explicit with_text(const std::string& what, Args&&... args)
        : E(std::forward<Args>(args)...)
        , what_(std::make_shared<const std::string>(what)) {}

    const char* what() const noexcept override { return what_->c_str(); }

  private:
    std::shared_ptr<const std::string> what_; // shared, so that a copy cannot throw
};

/// Types that contain only their text.
template <class E>
struct exception_fields {
    static constexpr bool takes_text = std::is_constructible_v<E, const std::string&>;
    using rebuilt = std::conditional_t<takes_text, E, with_text<E>>;

    static void encode(encoder&, const E&) {}
    static rebuilt decode(decoder&, const std::string& what) { return rebuilt(what); }
};

/// Types that contain a std::error_code and a text.
template <class E>
struct std_code_fields {
    using rebuilt = with_text<E>;

    static void encode(encoder& out, const E& error) { encode_error_code(out, error.code()); }
    static rebuilt decode(decoder& in, const std::string& what) {
        if constexpr (std::is_constructible_v<E, std::error_code>)
            return rebuilt(what, decode_std_error_code(in));
        else
            return rebuilt(what, std::string(), decode_std_error_code(in));
    }
};

template <>
struct exception_fields<std::system_error> : std_code_fields<std::system_error> {};
template <>
struct exception_fields<std::ios_base::failure> : std_code_fields<std::ios_base::failure> {};

template <>
struct exception_fields<boost::system::system_error> {
    using rebuilt = with_text<boost::system::system_error>;

    static void encode(encoder& out, const boost::system::system_error& error) {
        encode_error_code(out, error.code());
    }
    static rebuilt decode(decoder& in, const std::string& what) {
        return rebuilt(what, decode_boost_error_code(in));
    }
};

template <>
struct exception_fields<std::filesystem::filesystem_error> {
    using path = std::filesystem::path;
    using rebuilt = with_text<std::filesystem::filesystem_error>;

    static void encode(encoder& out, const std::filesystem::filesystem_error& error) {
        encode_error_code(out, error.code());
        encode_path(out, error.path1());
        encode_path(out, error.path2());
    }
    static rebuilt decode(decoder& in, const std::string& what) {
        const std::error_code code = decode_std_error_code(in);
        const path first = decode_path(in);
        const path second = decode_path(in);
        return rebuilt(what, std::string(), first, second, code);
    }

  private:
    static void encode_path(encoder& out, const path& value) {
        const auto text = value.u8string(); // UTF-8 where the native character is wide, else the native bytes
        encode_text(out, {reinterpret_cast<const char*>(text.data()), text.size()});
    }
    static path decode_path(decoder& in) {
        const std::string text = decode_text(in);
        return path(std::u8string(text.begin(), text.end()));
    }
};

template <>
struct exception_fields<std::future_error> {
    using rebuilt = with_text<std::future_error>;

    static void encode(encoder& out, const std::future_error& error) {
        out.write(static_cast<std::int32_t>(error.code().value()));
    }
    static rebuilt decode(decoder& in, const std::string& what) {
        return rebuilt(what, static_cast<std::future_errc>(in.read<std::int32_t>()));
    }
};

template <>
struct exception_fields<std::regex_error> {
    using rebuilt = with_text<std::regex_error>;

    static void encode(encoder& out, const std::regex_error& error) {
        out.write(static_cast<std::uint8_t>(is_code(error.code()) ? error.code()
                                                                  : std::regex_constants::error_stack));
    }
    static rebuilt decode(decoder& in, const std::string& what) {
        const int code = in.read<std::uint8_t>();
        if (!is_code(code))
            throw_codec_error("A std::regex_error from a worker has a code that does not exist.");
        return rebuilt(what, static_cast<std::regex_constants::error_type>(code));
    }

  private:
    // The values that every implementation's enumeration can represent, including private codes.
    static constexpr bool is_code(int code) { return code >= 0 && code <= 15; }
};

template <>
struct exception_fields<error> {
    using rebuilt = error;

    static void encode(encoder& out, const error& failure) {
        out.write(static_cast<std::int32_t>(failure.code().value()));
    }
    static rebuilt decode(decoder& in, const std::string& what) {
        return error(static_cast<errc>(in.read<std::int32_t>()), what);
    }
};

template <>
struct exception_fields<worker_lost> {
    using rebuilt = worker_lost;

    static void encode(encoder& out, const worker_lost& lost) {
        out.write(static_cast<std::int64_t>(lost.pid()));
        encode_number(out, lost.exit_status());
        encode_number(out, lost.signal_number());
        encode_text(out, lost.task_name());
    }
    static rebuilt decode(decoder& in, const std::string& what) {
        const auto pid = static_cast<long>(in.read<std::int64_t>());
        const auto exit_status = decode_number(in);
        const auto signal_number = decode_number(in);
        return worker_lost(what, pid, exit_status, signal_number, decode_text(in));
    }

  private:
    static void encode_number(encoder& out, std::optional<int> value) {
        out.write(static_cast<std::uint8_t>(value.has_value()));
        out.write(static_cast<std::int32_t>(value.value_or(0)));
    }
    static std::optional<int> decode_number(decoder& in) {
        const bool present = in.read<std::uint8_t>() != 0;
        const int value = in.read<std::int32_t>();
        return present ? std::optional(value) : std::nullopt;
    }
};

/// The codec of one type. Its text is sent in remote_info::what, in addition to the output of encode().
struct standard_exception {
    const std::type_info* type;
    bool (*is_base_of)(const std::exception* error);
    bool (*is_thrown_as)(const std::exception* error, const thrown_object& thrown);
    void (*encode)(encoder& out, const std::exception& error);
    std::exception_ptr (*decode)(decoder& in, remote_info info, const std::exception_ptr& inner);
};

/// All standard types; a derived type precedes its bases. The index of a type identifies it in a message.
std::span<const standard_exception> standard_exceptions() noexcept;

/// The type as which `error` was thrown, or nullptr if it is a user's class, even one derived from these. An
/// internal type of the standard library counts as its nearest public base.
const standard_exception* find_standard_exception(const std::exception& error, const thrown_object& thrown);

} // namespace procpool::detail

#endif
