// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "error/thrown_object.hpp"

#include <procpool/detail/result/remote_exception.hpp>
#include <procpool/remote_info.hpp>

#if __has_include(<cxxabi.h>)
#include <cxxabi.h>
#define PROCPOOL_HAS_CURRENT_EXCEPTION_TYPE 1
#else
#define PROCPOOL_HAS_CURRENT_EXCEPTION_TYPE 0
#endif

namespace procpool::detail {
namespace {

// The type of the exception that is being handled, which may be a number or a pointer.
const std::type_info* current_exception_type() {
#if PROCPOOL_HAS_CURRENT_EXCEPTION_TYPE
    return abi::__cxa_current_exception_type();
#else
    return nullptr;
#endif
}

void look_for_inner(const std::nested_exception* holder, thrown_object& found) {
    if (!holder)
        return;
    found.nested = true;
    found.inner = holder->nested_ptr();
}

template <class Number>
bool holds_a(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const Number&) {
        return true;
    } catch (...) {
        return false;
    }
}

template <class... Number>
const std::type_info* find_type(const std::exception_ptr& error) {
    const std::type_info* found = nullptr;
    static_cast<void>(((holds_a<Number>(error) && (found = &typeid(Number))) || ...));
    return found;
}

} // namespace

const std::type_info* type_of_number(const std::exception_ptr& error) {
    return find_type<int, unsigned, long, unsigned long, long long, unsigned long long, short, unsigned short,
                     bool, char, signed char, unsigned char, wchar_t, char8_t, char16_t, char32_t, double,
                     float, long double>(error);
}

thrown_object inspect(const std::exception_ptr& error) {
    thrown_object found;
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& object) {
        found.type = &typeid(object);
        // An exception that came from a pool inside the task has the type name that the innermost worker
        // sent.
        const remote_info* info = get_remote_info(object);
        found.type_name =
            info && !info->type_name.empty() ? info->type_name : readable_type_name(*found.type);
        const char* text = object.what();
        found.text = text ? text : "";
        look_for_inner(dynamic_cast<const std::nested_exception*>(&object), found);
        return found;
    } catch (const std::nested_exception& object) {
        found.type = &typeid(object);
        look_for_inner(&object, found);
    } catch (const std::string& text) {
        found.type = &typeid(std::string);
        found.text = text;
    } catch (const char* text) {
        found.type = current_exception_type(); // char* and const char* both arrive here
        found.text = text ? text : "";
    } catch (...) {
        found.type = current_exception_type();
        if (!found.type)
            found.type = type_of_number(error);
    }
    if (!found.type && found.text)
        found.type = &typeid(const char*);
    found.type_name = found.type ? readable_type_name(*found.type) : "unknown type";
    return found;
}

} // namespace procpool::detail
