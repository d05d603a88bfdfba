// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/linux/process_folder.hpp"

#include "os/linux/descriptors.hpp"

#include <charconv>
#include <cstddef>
#include <cstdio>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace procpool::os {

namespace {

using file_text = char[4096];

/// The beginning of a file.
std::string_view read_file(native_handle folder, const char* name, file_text& text) noexcept {
    const unique_handle opened = open_file(folder, name, O_RDONLY);
    if (!opened)
        return {};
    std::size_t length = 0;
    while (length != sizeof text) {
        const ssize_t got = ::read(opened.get(), text + length, sizeof text - length);
        if (got <= 0)
            break;
        length += static_cast<std::size_t>(got);
    }
    return {text, length};
}

template <class Number>
Number to_number(std::string_view text) noexcept {
    Number number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// Takes the next word off `text`; empty if there is none.
std::string_view take_word(std::string_view& text) noexcept {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find_first_of(" \t"));
    text.remove_prefix(word.size());
    return word;
}

/// What stands behind "NAME:" in its line.
std::string_view value_of(std::string_view lines, std::string_view name) noexcept {
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find('\n'));
        if (line.starts_with(name) && line.substr(name.size()).starts_with(':'))
            return line.substr(name.size() + 1);
        lines.remove_prefix(line.size() == lines.size() ? line.size() : line.size() + 1);
    }
    return {};
}

/// The numbers of a process: in the namespace of /proc, and in those inside it down to the process's own.
std::string_view numbers_of(native_handle process_folder, file_text& text) noexcept {
    return value_of(read_file(process_folder, "status", text), "NSpid");
}

} // namespace

pid_t own_number_in_proc() noexcept {
    char number[32];
    const ssize_t length = ::readlink("/proc/self", number, sizeof number);
    return length <= 0 ? 0 : to_number<pid_t>({number, static_cast<std::size_t>(length)});
}

pid_t number_in_proc(native_handle process) noexcept {
    char name[48];
    std::snprintf(name, sizeof name, "/proc/self/fdinfo/%d", process);
    file_text text;
    auto value = value_of(read_file(AT_FDCWD, name, text), "Pid");
    const auto number = to_number<pid_t>(take_word(value));
    return number > 0 ? number : 0;
}

unique_handle open_process_folder(pid_t number) noexcept {
    char name[32];
    std::snprintf(name, sizeof name, "/proc/%d", static_cast<int>(number));
    return open_file(AT_FDCWD, name, O_RDONLY | O_DIRECTORY);
}

std::optional<process_stat> read_stat(native_handle process_folder) noexcept {
    file_text text;
    auto fields = read_file(process_folder, "stat", text);
    const auto name_end = fields.rfind(')'); // the name may hold anything
    if (name_end == std::string_view::npos)
        return std::nullopt;
    fields.remove_prefix(name_end + 1);
    process_stat stat;
    for (int field = 3; field <= 22; ++field) { // as proc(5) counts them
        const auto word = take_word(fields);
        if (field == 4)
            stat.parent = to_number<pid_t>(word);
        else if (field == 5)
            stat.group = to_number<pid_t>(word);
        else if (field == 22)
            stat.start = to_number<std::uint64_t>(word);
    }
    return stat;
}

pid_t number_here(native_handle process_folder) noexcept {
    const unique_handle own = open_file(AT_FDCWD, "/proc/self", O_RDONLY | O_DIRECTORY);
    file_text text;
    auto own_numbers = numbers_of(own.get(), text);
    int depth = 0;
    while (!take_word(own_numbers).empty())
        ++depth;
    auto numbers = numbers_of(process_folder, text);
    std::string_view number;
    for (int i = 0; i != depth; ++i)
        number = take_word(numbers);
    return to_number<pid_t>(number);
}

} // namespace procpool::os
