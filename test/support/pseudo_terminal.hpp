// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_PSEUDO_TERMINAL_HPP
#define PROCPOOL_TEST_PSEUDO_TERMINAL_HPP

#include "os/handles.hpp"
#include "support/eventually.hpp"
#include "support/integration_main.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

// A program at a terminal of its own: this program, started again with a script, as the foreground job of a
// session.
namespace procpool::test {

class program_at_terminal {
  public:
    explicit program_at_terminal(const std::string& script) : terminal_(open_terminal()) {
        const std::string name = ::ptsname(terminal_.get());
        pid_ = ::fork();
        if (pid_ == -1)
            throw std::runtime_error("no program could be started at a terminal");
        if (pid_ == 0)
            run(name, script);
    }
    program_at_terminal(const program_at_terminal&) = delete;
    program_at_terminal& operator=(const program_at_terminal&) = delete;
    ~program_at_terminal() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }

    long pid() const { return pid_; }

    /// Presses keys: "\x03" is Ctrl-C.
    void type(std::string_view keys) {
        if (::write(terminal_.get(), keys.data(), keys.size()) != static_cast<ssize_t>(keys.size()))
            throw std::runtime_error("the terminal takes no keys");
    }

    void resize(unsigned short rows, unsigned short columns) {
        const winsize size{rows, columns, 0, 0};
        if (::ioctl(terminal_.get(), TIOCSWINSZ, &size) == -1)
            throw std::runtime_error("the terminal cannot be resized");
    }
    /// Whether it shows what is typed, and passes it on line by line, as for a shell.
    bool is_as_for_a_shell() const {
        termios state{};
        return ::tcgetattr(terminal_.get(), &state) == 0 && (state.c_lflag & ECHO) != 0 &&
               (state.c_lflag & ICANON) != 0;
    }

    /// Reads the output at the terminal until it contains `text`. False: it does not, and no more can come.
    bool shows(std::string_view text) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (seen_.find(text) == std::string::npos) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                deadline - std::chrono::steady_clock::now());
            pollfd waiting{terminal_.get(), POLLIN, 0};
            if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) != 1)
                return false;
            char bytes[4096];
            const ssize_t got = ::read(terminal_.get(), bytes, sizeof bytes);
            if (got <= 0)
                return false; // EIO: the last process that had the terminal has closed it
            seen_.append(bytes, static_cast<std::size_t>(got));
        }
        return true;
    }

    /// All output so far.
    const std::string& seen() const { return seen_; }

    /// Waits for the end of the program, and returns its wait status.
    int wait() {
        int status = -1;
        static_cast<void>(eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }));
        if (status != -1)
            pid_ = 0;
        return status;
    }

  private:
    static os::unique_handle open_terminal() {
        os::unique_handle terminal(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
        if (!terminal || ::grantpt(terminal.get()) == -1 || ::unlockpt(terminal.get()) == -1)
            throw std::runtime_error("there is no terminal to be had");
        return terminal;
    }

    /// Called in the forked copy of this process.
    [[noreturn]] static void run(const std::string& terminal, const std::string& script) {
        ::setsid();
        const int own = ::open(terminal.c_str(), O_RDWR);
        if (own == -1 || ::ioctl(own, TIOCSCTTY, 0) == -1)
            ::_exit(96);
        for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            ::dup2(own, stream);
        if (own > STDERR_FILENO)
            ::close(own);
        ::setenv(script_variable, script.c_str(), 1);
        ::execl("/proc/self/exe", "program", static_cast<char*>(nullptr));
        ::_exit(97);
    }

    os::unique_handle terminal_;
    pid_t pid_ = 0;
    std::string seen_;
};

} // namespace procpool::test

#endif
