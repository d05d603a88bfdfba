// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "crash/stack_text.hpp"

#include "crash/symbols.hpp"
#include "error/failure_texts.hpp"
#include "os/crash_watch.hpp"
#include "os/self.hpp"

#include <cstddef>

namespace procpool::pooling {
namespace {

/// `inner`: that of the fault. The others are where a call returns to, which may be in another line.
std::vector<std::string> functions_of(const code_place& place, bool inner) {
    const auto offset = inner || place.offset == 0 ? place.offset : place.offset - 1;
    const void* const here = place.module ? os::loaded_place(*place.module, offset) : nullptr;
    return here != nullptr ? functions_at(here) : std::vector<std::string>();
}

std::string without_name(const code_place& place) {
    const auto where = detail::in_hexadecimal(place.offset);
    if (!place.module)
        return where;
    return where + " in " + (place.module->empty() ? os::program_name() : *place.module);
}

} // namespace

std::string stack_text(const std::vector<code_place>& stack) {
    std::string text;
    std::size_t number = 0;
    const auto add = [&](const std::string& what) {
        text.append(number < 10 ? " " : "")
            .append(std::to_string(number))
            .append("# ")
            .append(what)
            .append("\n");
        ++number;
    };
    for (const auto& place : stack) {
        const auto functions = functions_of(place, &place == stack.data());
        for (const auto& function : functions)
            add(function);
        if (functions.empty())
            add(without_name(place));
    }
    return text;
}

} // namespace procpool::pooling
