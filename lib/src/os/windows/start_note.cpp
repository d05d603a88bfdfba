// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/windows/start_note.hpp"

#include "os/self.hpp"

#include <charconv>
#include <cstdint>

namespace procpool::os {

std::string to_text(const start_note& note) {
    std::string text = note.job;
    for (const native_handle handle : note.handles)
        text += ',' + std::to_string(reinterpret_cast<std::uintptr_t>(handle));
    return text;
}

std::optional<start_note> note_from_text(std::string_view text) {
    start_note note;
    std::size_t at = text.find(',');
    note.job = text.substr(0, at);
    while (at != std::string_view::npos) {
        const std::size_t end = text.find(',', at + 1);
        const std::string_view digits = text.substr(at + 1, end - (at + 1));
        std::uintptr_t number = 0;
        const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error != std::errc() || stop != digits.data() + digits.size())
            return std::nullopt;
        note.handles.push_back(reinterpret_cast<native_handle>(number));
        at = end;
    }
    return note;
}

const start_note& own_start_note() noexcept {
    // Taken late, since each copy of this library in the process has a note of its own.
    static const start_note own = [] {
        const auto text = take_environment(start_variable);
        return text ? note_from_text(*text).value_or(start_note{}) : start_note{};
    }();
    return own;
}

} // namespace procpool::os
