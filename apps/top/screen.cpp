// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "top/screen.hpp"

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include <curses.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace top {
namespace {

/// Signals that end the program or change the window are read from a descriptor while this exists, so that the
/// terminal is given back first. Ctrl-Z and fg work as ncurses has them.
class signals {
  public:
    signals() {
        sigset_t wanted;
        sigemptyset(&wanted);
        for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH})
            sigaddset(&wanted, each);
        ::sigprocmask(SIG_BLOCK, &wanted, &before_);
        file_ = ::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
        if (file_ == -1) {
            const int why = errno;
            ::sigprocmask(SIG_SETMASK, &before_, nullptr);
            throw std::system_error(why, std::generic_category(), "signals cannot be read");
        }
    }
    signals(const signals&) = delete;
    signals& operator=(const signals&) = delete;
    ~signals() {
        ::close(file_);
        ::sigprocmask(SIG_SETMASK, &before_, nullptr);
    }

    int file() const noexcept { return file_; }
    /// 0: none has come.
    int next() const noexcept {
        signalfd_siginfo came{};
        return ::read(file_, &came, sizeof came) == sizeof came ? static_cast<int>(came.ssi_signo) : 0;
    }

  private:
    sigset_t before_{};
    int file_ = -1;
};

/// The screen of ncurses while it exists.
class screen {
  public:
    screen() {
        std::setlocale(LC_CTYPE, "");
        // initscr() would end the program.
        made_ = ::newterm(nullptr, stdout, stdin);
        if (made_ == nullptr)
            throw std::runtime_error("this terminal cannot move its cursor (TERM): use --once");
        ::cbreak();
        ::noecho();
        ::nonl();
        ::keypad(stdscr, TRUE);
        ::nodelay(stdscr, TRUE);
        ::curs_set(0);
    }
    screen(const screen&) = delete;
    screen& operator=(const screen&) = delete;
    ~screen() {
        ::endwin();
        ::delscreen(made_);
    }

    static void take_new_size() {
        winsize size{};
        if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
            ::resizeterm(size.ws_row, size.ws_col);
    }

  private:
    SCREEN* made_;
};

/// The part of UTF-8 text that has room in `columns`.
std::string cut(const std::string& text, int columns) {
    std::size_t at = 0;
    for (int column = 0; at != text.size() && column < columns; ++column)
        for (++at; at != text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;)
            ++at;
    return text.substr(0, at);
}

class view {
  public:
    view(std::string title, order by) : title_(std::move(title)), by_(by) {}

    order by() const noexcept { return by_; }
    void set_lines(std::vector<std::string> lines) { lines_ = std::move(lines); }

    /// ncurses sends the terminal only what has changed.
    void draw() {
        const int rows = std::max(LINES - 2, 0);
        const int last = std::max(static_cast<int>(lines_.size()) - rows, 0);
        first_ = std::clamp(first_, 0, last);
        ::werase(stdscr);
        wattron(stdscr, A_REVERSE);
        auto head =
            cut(title_ + "   q: end   i, n, t: sort by index, number of tasks, time   arrows: scroll", COLS);
        head.resize(std::max(head.size(), static_cast<std::size_t>(COLS)), ' ');
        mvaddstr(0, 0, head.c_str());
        wattroff(stdscr, A_REVERSE);
        for (int row = 0; row < rows && first_ + row < static_cast<int>(lines_.size()); ++row)
            mvaddstr(row + 2, 0, cut(lines_[static_cast<std::size_t>(first_ + row)], COLS).c_str());
        ::wrefresh(stdscr);
    }

    /// False: the user ends the program.
    bool press(int key) {
        const int page = std::max(LINES - 3, 1);
        switch (key) {
        case 'q':
        case 'Q':
            return false;
        case 'i':
            by_ = order::by_index;
            break;
        case 'n':
            by_ = order::by_tasks;
            break;
        case 't':
            by_ = order::by_time;
            break;
        case KEY_UP:
        case 'k':
            --first_;
            break;
        case KEY_DOWN:
        case 'j':
            ++first_;
            break;
        case KEY_PPAGE:
            first_ -= page;
            break;
        case KEY_NPAGE:
            first_ += page;
            break;
        case KEY_HOME:
            first_ = 0;
            break;
        case KEY_END:
            first_ = static_cast<int>(lines_.size());
            break;
        default:
            break;
        }
        return true;
    }

  private:
    std::string title_;
    order by_;
    std::vector<std::string> lines_{};
    int first_ = 0;
};

} // namespace

bool has_screen() noexcept {
    return true;
}

int show_on_screen(const std::string& title, std::chrono::milliseconds interval, order by,
                   const std::function<std::vector<std::string>(order)>& look) {
    using clock = std::chrono::steady_clock;
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0)
        throw std::runtime_error("the view needs a terminal: use --once, or --json");
    view shown(title, by);
    shown.set_lines(look(by)); // errors before the screen is taken
    const signals coming;
    const screen taken;
    for (auto next = clock::now() + interval;;) {
        shown.draw();
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - clock::now()).count();
        pollfd waiting[] = {{STDIN_FILENO, POLLIN, 0}, {coming.file(), POLLIN, 0}};
        const int came = ::poll(waiting, 2, static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000)));
        if (came == -1 && errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "the terminal cannot be read");
        while (const int signal = coming.next()) {
            if (signal != SIGWINCH)
                return signal;
            screen::take_new_size();
        }
        const auto before = shown.by();
        for (int key = ::wgetch(stdscr); key != ERR; key = ::wgetch(stdscr))
            if (!shown.press(key))
                return 0;
        if (came > 0 && (waiting[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
            return SIGHUP; // the terminal is gone
        if (shown.by() != before || clock::now() >= next)
            shown.set_lines(look(shown.by()));
        if (clock::now() >= next)
            next = clock::now() + interval;
    }
}

} // namespace top
