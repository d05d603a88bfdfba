// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "crash/symbols.hpp"

#if defined(PROCPOOL_BACKTRACE_HEADER)

#include <boost/core/demangle.hpp>

#include <cstdint>

#include PROCPOOL_BACKTRACE_HEADER

namespace procpool::pooling {
namespace {

using names = std::vector<std::string>;

// An address without readable debug information has no names.
void ignore_failure(void*, const char*, int) {}

int add_line(void* to, std::uintptr_t, const char* file, int line, const char* function) {
    if (function != nullptr) {
        auto name = boost::core::demangle(function);
        if (file != nullptr)
            name += " at " + std::string(file) + ':' + std::to_string(line);
        static_cast<names*>(to)->push_back(std::move(name));
    }
    return 0;
}

void add_symbol(void* to, std::uintptr_t, const char* symbol, std::uintptr_t, std::uintptr_t) {
    if (symbol != nullptr)
        static_cast<names*>(to)->push_back(boost::core::demangle(symbol));
}

} // namespace

std::vector<std::string> functions_at(const void* address) {
    // Made once; the library has no function to free it. Safe for several threads.
    static auto* const state = backtrace_create_state(nullptr, 1, ignore_failure, nullptr);
    names found;
    if (state == nullptr)
        return found;
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    backtrace_pcinfo(state, at, add_line, ignore_failure, &found);
    if (found.empty())
        backtrace_syminfo(state, at, add_symbol, ignore_failure, &found);
    return found;
}

} // namespace procpool::pooling

#elif defined(_WIN32)

namespace procpool::pooling {

// No names: the debugger's library would have to be linked to every program.
std::vector<std::string> functions_at(const void*) {
    return {};
}

} // namespace procpool::pooling

#else

#include <boost/stacktrace/frame.hpp>

namespace procpool::pooling {

std::vector<std::string> functions_at(const void* address) {
    const auto name = boost::stacktrace::frame(address).name();
    return name.empty() ? std::vector<std::string>() : std::vector{name};
}

} // namespace procpool::pooling

#endif
