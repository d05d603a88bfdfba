// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/bare_process.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {
namespace {

constexpr const char* option = "--bare-process";
constexpr const char* ends = "ends";
constexpr const char* answers = "answers";
constexpr int its_socket = 3;

} // namespace

bare_process::bare_process(role what) {
    int sockets[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
        throw std::system_error(errno, std::generic_category(), "socketpair");
    socket_ = sockets[0];

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, sockets[1], its_socket);
    std::string arguments[] = {"bare", option, what == role::answers ? answers : ends};
    char* const argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(), nullptr};
    const int code = ::posix_spawn(&process_, "/proc/self/exe", &actions, nullptr, argv, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(sockets[1]);
    if (code != 0) {
        ::close(socket_);
        throw std::system_error(code, std::generic_category(), "posix_spawn");
    }
}

bare_process::~bare_process() {
    ::close(socket_);
    ::waitpid(process_, nullptr, 0);
}

void bare_process::await_answer() {
    char byte = 0;
    if (::read(socket_, &byte, 1) != 1)
        throw std::runtime_error("a bare process ended before it answered");
}

std::optional<int> play_bare_process(int argc, const char* const* argv) {
    if (argc != 3 || std::string_view(argv[1]) != option)
        return std::nullopt;
    if (std::string_view(argv[2]) == answers) {
        char byte = 'a';
        if (::send(its_socket, &byte, 1, MSG_NOSIGNAL) != 1)
            return 1;
        return ::read(its_socket, &byte, 1) == 0 ? 0 : 1; // the end of the socket
    }
    return 0;
}

} // namespace bench
