// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "error/standard_exceptions.hpp"

#include <procpool/detail/result/remote_exception.hpp>

#include <any>
#include <functional>
#include <memory>
#include <new>
#include <string_view>
#include <typeinfo>
#include <variant>

namespace procpool::detail {
namespace {

template <class E>
bool is_base_of(const std::exception* error) {
    return dynamic_cast<const E*>(error) != nullptr;
}

template <class E>
bool matches(const std::exception* error, const thrown_object& thrown) {
    const auto* object = dynamic_cast<const E*>(error);
    if (!object)
        return false;
    using rebuilt = typename exception_fields<E>::rebuilt;
    return is_thrown_as<E>(*object, *thrown.type, thrown.nested) || is_remote_of<rebuilt>(*thrown.type);
}

template <class E>
void encode(encoder& out, const std::exception& error) {
    exception_fields<E>::encode(out, dynamic_cast<const E&>(error));
}

template <class E>
std::exception_ptr decode(decoder& in, remote_info info, const std::exception_ptr& inner) {
    auto object = exception_fields<E>::decode(in, info.what);
    return make_remote(std::move(object), std::move(info), inner);
}

// No constant expression, since the address of a typeid is none to MSVC; made at first use, which may be in a global
// initializer that calls init().
template <class... E>
struct table_of {
    static std::span<const standard_exception> entries() noexcept {
        static const standard_exception all[]{
            {&typeid(E), &is_base_of<E>, &matches<E>, &encode<E>, &decode<E>}...};
        return all;
    }
};

using table = table_of<
    // procpool
    pool_closed, pool_terminated, start_failed, worker_lost, task_timeout, task_cancelled, wait_timeout,
    codec_error, error, remote_error,
    // errors with a code
    boost::system::system_error, std::filesystem::filesystem_error, std::ios_base::failure, std::system_error,
    // std::runtime_error
    std::regex_error, std::range_error, std::overflow_error, std::underflow_error, std::runtime_error,
    // std::logic_error
    std::future_error, std::domain_error, std::invalid_argument, std::length_error, std::out_of_range,
    std::logic_error,
    // without a text of their own
    std::bad_array_new_length, std::bad_alloc, std::bad_any_cast, std::bad_cast, std::bad_typeid,
    std::bad_function_call, std::bad_optional_access, std::bad_variant_access, std::bad_weak_ptr,
    std::bad_exception, std::exception>;

} // namespace

std::span<const standard_exception> standard_exceptions() noexcept {
    return table::entries();
}

const standard_exception* find_standard_exception(const std::exception& error, const thrown_object& thrown) {
    for (const auto& entry : table::entries()) {
        if (*entry.type == *thrown.type)
            return &entry;
    }
    for (const auto& entry : table::entries()) {
        if (entry.is_thrown_as(&error, thrown))
            return &entry;
    }
    // An internal type of the standard library, such as libstdc++'s std::__ios_failure, counts as its public
    // base.
    const bool of_the_library = readable_type_name(*thrown.type).starts_with("std::");
    if (of_the_library && !thrown.nested) {
        for (const auto& entry : table::entries()) {
            if (entry.is_base_of(&error))
                return &entry;
        }
    }
    return nullptr;
}

} // namespace procpool::detail
