// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/linux/spawn_settings.hpp"

#include "os/system_failure.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
#define PROCPOOL_HAS_CLOSEFROM 1
#endif
#if !__GLIBC_PREREQ(2, 29)
#define PROCPOOL_LACKS_FCHDIR 1
#endif
#endif

namespace procpool::os {

namespace {

void require(int code) {
    if (code != 0)
        throw_system_failure(code, "cannot prepare the start of a worker");
}

// Whether children are meant to have this descriptor. One that exec closes came to this number because the
// host had closed its standard streams, and is something of the host's, or of a library's.
bool is_for_children(int descriptor) {
    const int flags = ::fcntl(descriptor, F_GETFD);
    return flags != -1 && (flags & FD_CLOEXEC) == 0;
}

} // namespace

spawn_settings::spawn_settings() {
    require(::posix_spawn_file_actions_init(&actions_));
    const int code = ::posix_spawnattr_init(&attributes_);
    if (code != 0) {
        ::posix_spawn_file_actions_destroy(&actions_);
        require(code);
    }
}

spawn_settings::~spawn_settings() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
}

void spawn_settings::move_descriptor(const descriptor_move& move) {
    // With both the same, this clears the close-on-exec flag.
    require(::posix_spawn_file_actions_adddup2(&actions_, move.from, move.to));
}

void spawn_settings::set_standard_streams() {
    constexpr const char* nowhere = "/dev/null";
    require(::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, nowhere, O_RDONLY, 0));
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
        if (!is_for_children(stream))
            require(::posix_spawn_file_actions_addopen(&actions_, stream, nowhere, O_WRONLY, 0));
    }
}

void spawn_settings::enter([[maybe_unused]] int folder) {
#if !defined(PROCPOOL_LACKS_FCHDIR)
    if (::faccessat(folder, ".", X_OK, AT_EACCESS) == 0)
        require(::posix_spawn_file_actions_addfchdir_np(&actions_, folder));
#endif
}

#if defined(PROCPOOL_HAS_CLOSEFROM)

void spawn_settings::close_from(int first) {
    require(::posix_spawn_file_actions_addclosefrom_np(&actions_, first));
}

#else

// What is open here without close-on-exec, at this moment: a descriptor that another thread opens that way
// right now is missed. Later C libraries close everything, in the child.
void spawn_settings::close_from(int first) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        const int descriptor = std::atoi(entry.path().filename().c_str());
        if (descriptor >= first && is_for_children(descriptor))
            require(::posix_spawn_file_actions_addclose(&actions_, descriptor));
    }
}

#endif

void spawn_settings::isolate() {
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    require(::posix_spawnattr_setsigmask(&attributes_, &none));
    require(::posix_spawnattr_setsigdefault(&attributes_, &all));
    require(::posix_spawnattr_setpgroup(&attributes_, 0));
    require(::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                         POSIX_SPAWN_SETPGROUP));
}

} // namespace procpool::os
