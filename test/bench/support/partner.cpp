// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/partner.hpp"

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <csignal>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {
namespace {

bool write_byte(int socket, char byte) {
    return ::send(socket, &byte, 1, MSG_NOSIGNAL) == 1;
}

char read_byte(int socket) {
    char byte = 0;
    while (::read(socket, &byte, 1) == -1 && errno == EINTR) {
    }
    return byte;
}

[[noreturn]] void serve(int socket, const std::function<void()>& part) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (read_byte(socket) == 's') {
        write_byte(socket, 'b');
        part();
        write_byte(socket, 'd');
    }
    ::_exit(0);
}

} // namespace

partner::partner(const std::function<void()>& part) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw std::system_error(errno, std::generic_category(), "socketpair");
    process_ = ::fork();
    if (process_ == -1)
        throw std::system_error(errno, std::generic_category(), "fork");
    if (process_ == 0) {
        ::close(ends[0]);
        serve(ends[1], part);
    }
    ::close(ends[1]);
    socket_ = ends[0];
}

partner::~partner() {
    ::close(socket_);
    ::kill(process_, SIGKILL); // it may be waiting for work that was abandoned
    ::waitpid(process_, nullptr, 0);
}

void partner::start() {
    send('s');
    expect('b');
}

void partner::finish() {
    expect('d');
}

void partner::send(char byte) {
    if (!write_byte(socket_, byte))
        throw std::runtime_error("the other process is gone");
}

void partner::expect(char byte) {
    if (read_byte(socket_) != byte)
        throw std::runtime_error("the other process is gone");
}

} // namespace bench
