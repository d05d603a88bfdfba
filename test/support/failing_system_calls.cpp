// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/failures.hpp"

#include <cerrno>
#include <cstdarg>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include <csignal>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// Replaces functions of the C library that Asio and the library call. Each fails with an error that it
// reports on a machine with too few resources or with restrictions, or when a signal arrives. System calls
// that the C library makes internally do not fail, nor do those of the child process in posix_spawn.
namespace {

using procpool::test::failures::are_interruptions;
using procpool::test::failures::is_to_fail;
constexpr auto& failed_function = procpool::test::failures::function;

bool is_refused(int error) noexcept {
    if (are_interruptions() || !is_to_fail())
        return false;
    errno = error;
    return true;
}

/// Signals to children are refused only if the process has given up its privileges, so they do not fail in
/// the runs in which resources are lacking for a longer time.
bool is_forbidden() noexcept {
    return !procpool::test::failures::are_lasting() && is_refused(EPERM);
}

bool is_interrupted() noexcept {
    if (!are_interruptions() || !is_to_fail())
        return false;
    errno = EINTR;
    return true;
}

/// A signal interrupts only a call that waits. A write to an eventfd waits only if the count has reached 2^64
/// - 2. Asio relies on this: its reactor's constructor writes once, and later wake-ups use that write.
bool is_eventfd(int handle) noexcept {
    char target[32] = {};
    const std::string link = "/proc/self/fd/" + std::to_string(handle);
    return ::readlink(link.c_str(), target, sizeof target - 1) > 0 &&
           std::string_view(target) == "anon_inode:[eventfd]";
}

} // namespace

// NOLINTBEGIN: the linker defines these names.

// WRAP(RESULT, NAME, PARAMETERS, ARGUMENTS, FAILS, FAILURE): the function returns FAILURE if FAILS.
#define WRAP(result, name, parameters, arguments, fails, failure)                                            \
    extern "C" result __real_##name parameters;                                                              \
    extern "C" result __wrap_##name parameters;                                                              \
    extern "C" result __wrap_##name parameters {                                                             \
        if (fails) {                                                                                         \
            failed_function = #name;                                                                         \
            return failure;                                                                                  \
        }                                                                                                    \
        return __real_##name arguments;                                                                      \
    }

// The machine may lack the resource.
WRAP(int, memfd_create, (const char* name, unsigned flags), (name, flags), is_refused(EMFILE), -1)
WRAP(int, socketpair, (int domain, int type, int protocol, int* pair), (domain, type, protocol, pair),
     is_refused(EMFILE), -1)
WRAP(int, eventfd, (unsigned value, int flags), (value, flags), is_refused(EMFILE), -1)
WRAP(int, pipe, (int* ends), (ends), is_refused(EMFILE), -1)
WRAP(int, epoll_create1, (int flags), (flags), is_refused(EMFILE), -1)
// Asio ignores the results of the two calls with which its reactor registers its own eventfd and timerfd, without
// EPOLLHUP. If they fail, other threads cannot wake the reactor: they are a known limitation (docs/reliability.md).
WRAP(int, epoll_ctl, (int epoll, int what, int handle, epoll_event* event), (epoll, what, handle, event),
     what == EPOLL_CTL_ADD && (event->events & EPOLLHUP) != 0 && is_refused(ENOMEM), -1)
WRAP(int, timerfd_create, (int clock, int flags), (clock, flags), is_refused(EMFILE), -1)
WRAP(DIR*, opendir, (const char* name), (name), is_refused(EMFILE), nullptr)
WRAP(void*, mmap, (void* at, std::size_t bytes, int access, int flags, int handle, off_t offset),
     (at, bytes, access, flags, handle, offset), is_refused(ENOMEM), MAP_FAILED)
WRAP(int, mprotect, (void* at, std::size_t bytes, int access), (at, bytes, access), is_refused(ENOMEM), -1)
WRAP(int, madvise, (void* at, std::size_t bytes, int what), (at, bytes, what), is_refused(ENOMEM), -1)
WRAP(int, fallocate, (int handle, int mode, off_t offset, off_t bytes), (handle, mode, offset, bytes),
     are_interruptions() ? is_interrupted() : is_refused(ENOSPC), -1)
WRAP(int, ftruncate, (int handle, off_t bytes), (handle, bytes),
     are_interruptions() ? is_interrupted() : is_refused(ENOSPC), -1)
WRAP(int, shmget, (key_t key, std::size_t bytes, int flags), (key, bytes, flags), is_refused(ENOSPC), -1)
WRAP(void*, shmat, (int segment, const void* at, int flags), (segment, at, flags), is_refused(ENOMEM),
     reinterpret_cast<void*>(-1))
WRAP(int, posix_spawn,
     (pid_t * child, const char* file, const posix_spawn_file_actions_t* actions,
      const posix_spawnattr_t* attributes, char* const arguments[], char* const environment[]),
     (child, file, actions, attributes, arguments, environment), is_refused(EAGAIN), EAGAIN)
WRAP(int, pthread_create,
     (pthread_t * thread, const pthread_attr_t* attributes, void* (*body)(void*), void* argument),
     (thread, attributes, body, argument), is_refused(EAGAIN), EAGAIN)

// The machine may forbid the call.
WRAP(int, kill, (pid_t process, int signal), (process, signal), is_forbidden(), -1)
WRAP(int, sigaltstack, (const stack_t* use, stack_t* before), (use, before), is_refused(ENOMEM), -1)

// A signal may interrupt the call.
WRAP(ssize_t, read, (int handle, void* bytes, std::size_t count), (handle, bytes, count), is_interrupted(),
     -1)
WRAP(ssize_t, write, (int handle, const void* bytes, std::size_t count), (handle, bytes, count),
     are_interruptions() && !is_eventfd(handle) && is_interrupted(), -1)
WRAP(ssize_t, recv, (int handle, void* bytes, std::size_t count, int flags), (handle, bytes, count, flags),
     is_interrupted(), -1)
WRAP(ssize_t, send, (int handle, const void* bytes, std::size_t count, int flags),
     (handle, bytes, count, flags), is_interrupted(), -1)
WRAP(ssize_t, readv, (int handle, const iovec* parts, int count), (handle, parts, count), is_interrupted(),
     -1)
WRAP(ssize_t, writev, (int handle, const iovec* parts, int count), (handle, parts, count), is_interrupted(),
     -1)
WRAP(ssize_t, recvmsg, (int handle, msghdr* message, int flags), (handle, message, flags), is_interrupted(),
     -1)
WRAP(ssize_t, sendmsg, (int handle, const msghdr* message, int flags), (handle, message, flags),
     is_interrupted(), -1)
WRAP(int, poll, (pollfd * events, nfds_t count, int timeout), (events, count, timeout), is_interrupted(), -1)
WRAP(int, ppoll, (pollfd * events, nfds_t count, const timespec* timeout, const sigset_t* mask),
     (events, count, timeout, mask), is_interrupted(), -1)
WRAP(int, epoll_wait, (int epoll, epoll_event* events, int count, int timeout),
     (epoll, events, count, timeout), is_interrupted(), -1)
WRAP(int, waitid, (idtype_t kind, id_t which, siginfo_t* how, int options), (kind, which, how, options),
     (options & WNOHANG) == 0 && is_interrupted(), -1)
WRAP(pid_t, waitpid, (pid_t which, int* how, int options), (which, how, options),
     (options & WNOHANG) == 0 && is_interrupted(), -1)

#undef WRAP

// Functions with a variable number of arguments.
extern "C" int __real_fcntl(int handle, int what, ...);
extern "C" int __wrap_fcntl(int handle, int what, ...);
extern "C" int __wrap_fcntl(int handle, int what, ...) {
    va_list more;
    va_start(more, what);
    void* const argument = va_arg(more, void*);
    va_end(more);
    if ((what == F_DUPFD || what == F_DUPFD_CLOEXEC) && is_refused(EMFILE)) {
        failed_function = "fcntl";
        return -1;
    }
    return __real_fcntl(handle, what, argument);
}

extern "C" int __real_open(const char* path, int flags, ...);
extern "C" int __wrap_open(const char* path, int flags, ...);
extern "C" int __wrap_open(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const int mode = va_arg(more, int);
    va_end(more);
    if (are_interruptions() ? is_interrupted() : is_refused(EMFILE)) {
        failed_function = "open";
        return -1;
    }
    return __real_open(path, flags, mode);
}

extern "C" int __real_openat(int folder, const char* path, int flags, ...);
extern "C" int __wrap_openat(int folder, const char* path, int flags, ...);
extern "C" int __wrap_openat(int folder, const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const int mode = va_arg(more, int);
    va_end(more);
    if (are_interruptions() ? is_interrupted() : is_refused(EMFILE)) {
        failed_function = "openat";
        return -1;
    }
    return __real_openat(folder, path, flags, mode);
}

extern "C" void* __real_mremap(void* at, std::size_t bytes, std::size_t new_bytes, int flags, ...);
extern "C" void* __wrap_mremap(void* at, std::size_t bytes, std::size_t new_bytes, int flags, ...);
extern "C" void* __wrap_mremap(void* at, std::size_t bytes, std::size_t new_bytes, int flags, ...) {
    va_list more;
    va_start(more, flags);
    void* const to = va_arg(more, void*);
    va_end(more);
    if (is_refused(ENOMEM)) {
        failed_function = "mremap";
        return MAP_FAILED;
    }
    return __real_mremap(at, bytes, new_bytes, flags, to);
}

extern "C" long __real_syscall(long number, ...);
extern "C" long __wrap_syscall(long number, ...);
extern "C" long __wrap_syscall(long number, ...) {
    // Only a futex call passes six arguments, the others at most four. Reading more would read the caller's
    // stack.
    long arguments[6] = {};
    va_list more;
    va_start(more, number);
    for (int i = 0; i != (number == SYS_futex ? 6 : 4); ++i)
        arguments[i] = va_arg(more, long);
    va_end(more);
    // The second argument of a futex call is the command, with flags; FUTEX_WAIT is 0.
    constexpr long futex_command = 0x7f;
    constexpr long futex_wait_bitset = 9;
    bool fails = false;
    switch (number) {
    case SYS_pidfd_open:
        fails = is_refused(EMFILE);
        break;
    case SYS_pidfd_send_signal:
        fails = is_forbidden();
        break;
    case SYS_membarrier:
        fails = is_refused(ENOMEM);
        break;
    case SYS_futex:
        fails =
            ((arguments[1] & futex_command) == 0 || (arguments[1] & futex_command) == futex_wait_bitset) &&
            is_interrupted();
        break;
    default:
        break;
    }
    if (fails) {
        failed_function = "syscall";
        return -1;
    }
    return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                          arguments[5]);
}

// The function of the standard library in which std::thread calls pthread_create.
void real_start_thread(std::thread* thread, std::unique_ptr<std::thread::_State> state,
                       void (*depend)()) asm("__real__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_"
                                             "StateESt14default_deleteIS1_EEPFvvE");
void wrapped_start_thread(std::thread* thread, std::unique_ptr<std::thread::_State> state,
                          void (*depend)()) asm("__wrap__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_"
                                                "StateESt14default_deleteIS1_EEPFvvE");
void wrapped_start_thread(std::thread* thread, std::unique_ptr<std::thread::_State> state, void (*depend)()) {
    if (is_refused(EAGAIN)) {
        failed_function = "std::thread";
        throw std::system_error(EAGAIN, std::generic_category());
    }
    real_start_thread(thread, std::move(state), depend);
}
// NOLINTEND
