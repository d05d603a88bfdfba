// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/linux/descendants.hpp"

#include "os/linux/descriptors.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace procpool::os {

namespace {

/// What getdents64 gives; the C library only has it behind an allocation.
struct directory_entry {
    ino64_t inode;
    off64_t offset;
    unsigned short length;
    unsigned char type;
    char name[1];
};

/// Calls `look(number)` for the entries of a folder that are numbers.
template <class Look>
void for_each_number_in(const char* folder, Look look) noexcept {
    const unique_handle opened(::open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened)
        return;
    alignas(directory_entry) char entries[2048];
    for (;;) {
        const long got = ::syscall(SYS_getdents64, opened.get(), entries, sizeof entries);
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

/// Calls `look(pid)` for the numbers, with a blank behind each, that a file consists of.
template <class Look>
void for_each_number_of(const char* file, Look look) noexcept {
    const unique_handle opened(::open(file, O_RDONLY | O_CLOEXEC));
    if (!opened)
        return;
    char text[2048];
    pid_t number = 0;
    for (;;) {
        const ssize_t got = ::read(opened.get(), text, sizeof text);
        if (got <= 0)
            return;
        for (ssize_t i = 0; i != got; ++i) {
            if (text[i] >= '0' && text[i] <= '9') {
                number = number * 10 + (text[i] - '0');
            } else if (number > 1) {
                look(number);
                number = 0;
            }
        }
    }
}

/// Calls `look(pid)` for each child of a process.
template <class Look>
void for_each_child_of(pid_t of, Look look) noexcept {
    char folder[64];
    std::snprintf(folder, sizeof folder, "/proc/%d/task", static_cast<int>(of));
    for_each_number_in(folder, [&](int thread) {
        char children[96];
        std::snprintf(children, sizeof children, "%s/%d/children", folder, thread);
        for_each_number_of(children, look);
    });
}

} // namespace

void kill_descendants(pid_t of) noexcept {
    const int saved = errno;
    // All are found before the first is killed, whose children would be nobody's then; and children are
    // killed before their parents, so that whoever looks at the same time, or after this was interrupted,
    // finds what is left. They are not stopped for it: where a group is orphaned that has a stopped process
    // in it, the system ends some of it.
    constexpr std::size_t most = 1024;
    pid_t found[most];
    std::size_t count = 0;
    const auto add = [&](pid_t child) {
        if (count != most)
            found[count++] = child;
        else
            ::kill(child, SIGKILL);
    };
    for_each_child_of(of, add);
    for (std::size_t i = 0; i != count; ++i)
        for_each_child_of(found[i], add);
    while (count != 0)
        ::kill(found[--count], SIGKILL);
    errno = saved;
}

} // namespace procpool::os
