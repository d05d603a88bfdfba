// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/linux/descendants.hpp"

#include "os/linux/descriptors.hpp"
#include "os/linux/process_signals.hpp"

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace procpool::os {

namespace {

using file_text = char[4096];

/// Reads the beginning of a file; empty if the file cannot be opened.
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

/// The numbers of a process: in the PID namespace of /proc, then in the nested ones, down to the process's
/// own.
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
    const auto name_end = fields.rfind(')'); // the name may contain any character
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

namespace {

/// An entry as getdents64 writes it. The functions of the C library would allocate memory.
struct directory_entry {
    ino64_t inode;
    off64_t offset;
    unsigned short length;
    unsigned char type;
    char name[1];
};

/// Calls `look(number)` for the entries of a folder that are numbers.
template <class Look>
void for_each_number_in(native_handle folder, Look look) noexcept {
    alignas(directory_entry) char entries[2048];
    for (;;) {
        const long got = ::syscall(SYS_getdents64, folder, entries, sizeof entries);
        if (got <= 0)
            return;
        for (long at = 0; at < got;) {
            const auto* const entry = reinterpret_cast<const directory_entry*>(entries + at);
            if (const int number = std::atoi(entry->name); number > 0)
                look(number);
            at += entry->length;
        }
    }
}

/// Calls `look(pid)` for each number in a file that contains numbers, each followed by a blank.
template <class Look>
void for_each_number_of(native_handle file, Look look) noexcept {
    char text[2048];
    pid_t number = 0;
    for (;;) {
        const ssize_t got = ::read(file, text, sizeof text);
        if (got <= 0)
            return;
        for (ssize_t i = 0; i != got; ++i) {
            if (text[i] >= '0' && text[i] <= '9') {
                number = number * 10 + (text[i] - '0');
            } else {
                if (number > 1)
                    look(number);
                number = 0;
            }
        }
    }
}

/// Calls `look(number, folder, stat)`, with numbers of /proc, for each child of the process `parent`.
template <class Look>
void for_each_child_of(native_handle parent_folder, pid_t parent, Look look) noexcept {
    const unique_handle threads = open_file(parent_folder, "task", O_RDONLY | O_DIRECTORY);
    if (!threads)
        return;
    for_each_number_in(threads.get(), [&](int thread) {
        char name[48];
        std::snprintf(name, sizeof name, "%d/children", thread);
        const unique_handle children = open_file(threads.get(), name, O_RDONLY);
        if (!children)
            return;
        for_each_number_of(children.get(), [&](pid_t number) {
            const unique_handle folder = open_process_folder(number);
            if (!folder)
                return;
            const auto stat = read_stat(folder.get());
            if (stat && stat->parent == parent) // else another process has the number by now
                look(number, folder.get(), *stat);
        });
    });
}

void kill_at(native_handle folder, pid_t number) noexcept {
    if (signal_process(folder, SIGKILL) != signal_result::refused)
        return;
    // The system call may be missing or forbidden. Here a number means the same if /proc belongs to this
    // namespace.
    if (own_number_in_proc() == ::getpid())
        ::kill(number, SIGKILL);
}

/// Adds a handle of the process that has this folder, so that the process can be waited for.
void keep(native_handle folder, pid_t number, std::vector<unique_handle>& in) noexcept {
    const pid_t here = number_here(folder);
    if (here <= 1)
        return;
    unique_handle handle = open_process(here);
    if (!handle || number_in_proc(handle.get()) != number || !read_stat(folder))
        return; // another process than that of the folder
    try {
        in.push_back(std::move(handle));
    } catch (const std::bad_alloc&) {
        // The process is not waited for.
    }
}

void kill_descendants_of(native_handle folder, pid_t of, std::vector<unique_handle>* killed) noexcept {
    // All descendants are found before the first is killed, because the children of a killed process get
    // another parent. Children are killed before their parents, so that another search, at the same time or
    // after an interruption, finds the rest. The processes are not stopped for the search: in an orphaned
    // group with a stopped process, the system ends some processes. Handles of all of them would need a
    // descriptor each.
    struct descendant {
        pid_t number;
        std::uint64_t start;
    };
    constexpr std::size_t most = 1024;
    descendant found[most];
    std::size_t count = 0;
    const auto kill_and_keep = [&](pid_t child, native_handle child_folder) {
        if (killed != nullptr)
            keep(child_folder, child, *killed);
        kill_at(child_folder, child);
    };
    const auto add = [&](pid_t child, native_handle child_folder, const process_stat& stat) {
        if (count != most)
            found[count++] = {child, stat.start};
        else
            kill_and_keep(child, child_folder);
    };
    const auto is_still = [](const descendant& which, native_handle its_folder) {
        const auto stat = read_stat(its_folder);
        return stat && stat->start == which.start;
    };
    for_each_child_of(folder, of, add);
    for (std::size_t i = 0; i != count; ++i) {
        const unique_handle next = open_process_folder(found[i].number);
        if (next && is_still(found[i], next.get()))
            for_each_child_of(next.get(), found[i].number, add);
    }
    while (count != 0) {
        const descendant& last = found[--count];
        const unique_handle next = open_process_folder(last.number);
        if (next && is_still(last, next.get()))
            kill_and_keep(last.number, next.get());
    }
}

} // namespace

void kill_descendants(native_handle of, std::vector<unique_handle>* killed) noexcept {
    const int saved = errno;
    const pid_t number = number_in_proc(of);
    const unique_handle folder = number > 0 ? open_process_folder(number) : unique_handle();
    if (folder && number_in_proc(of) == number) // the process had this number when the folder was opened
        kill_descendants_of(folder.get(), number, killed);
    errno = saved;
}

void kill_own_descendants() noexcept {
    const int saved = errno;
    const pid_t number = own_number_in_proc();
    const unique_handle folder = number > 0 ? open_process_folder(number) : unique_handle();
    if (folder)
        kill_descendants_of(folder.get(), number, nullptr);
    errno = saved;
}

void find_own_children_in_group(native_handle leader, std::vector<unique_handle>& found) noexcept {
    const int saved = errno;
    const pid_t group = number_in_proc(leader);
    const pid_t own = own_number_in_proc();
    const unique_handle folder = group > 0 && own > 0 ? open_process_folder(own) : unique_handle();
    if (folder)
        for_each_child_of(folder.get(), own,
                          [&](pid_t child, native_handle child_folder, const process_stat& stat) {
                              if (stat.group == group && child != group)
                                  keep(child_folder, child, found);
                          });
    errno = saved;
}

} // namespace procpool::os
