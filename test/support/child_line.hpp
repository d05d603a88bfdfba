// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_CHILD_LINE_HPP
#define PROCPOOL_TEST_CHILD_LINE_HPP

#include "os/lifeline.hpp"
#include "os/self.hpp"

#include <chrono>
#include <cstddef>
#include <string>

#if defined(_WIN32)
#include "os/handles.hpp"
#include "os/lifeline_stream.hpp"
#include "support/eventually.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>

#include <utility>

#include <windows.h>
#else
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

// The line from a child of a test to its parent: a lifeline, the first of the child's inherited handles.
namespace procpool::test {

#if defined(_WIN32)

/// In the child: sends text to the parent.
inline void say(const std::string& text) {
    static os::lifeline line(os::inherited_handle(0));
    if (!line.write(text.data(), text.size()))
        os::exit_now(99);
}

/// The parent's end.
class child_line {
  public:
    explicit child_line(os::unique_handle end)
        : stream_(os::make_lifeline_stream(context_, std::move(end))) {}

    /// Returns the next text of the child; empty at the end of file.
    std::string hear_some() {
        char bytes[4096];
        boost::system::error_code end_of_file;
        const auto got = stream_.read_some(boost::asio::buffer(bytes), end_of_file);
        return std::string(bytes, got);
    }

    /// Whether there is text, or the end of file, within this time.
    bool is_heard(std::chrono::milliseconds limit) {
        return eventually(
            [&] {
                DWORD waiting = 0;
                return ::PeekNamedPipe(stream_.native_handle(), nullptr, 0, nullptr, &waiting, nullptr) ==
                           0 ||
                       waiting != 0;
            },
            limit);
    }

  private:
    boost::asio::io_context context_;
    os::lifeline_stream stream_;
};

#else

inline constexpr int line_to_parent = 3;

/// In the child: sends text to the parent.
inline void say(const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t written = ::write(line_to_parent, text.data() + done, text.size() - done);
        if (written <= 0)
            os::exit_now(99);
        done += static_cast<std::size_t>(written);
    }
}

/// The parent's end.
class child_line {
  public:
    explicit child_line(os::unique_handle end) : end_(std::move(end)) {}

    /// Returns the next text of the child; empty at the end of file.
    std::string hear_some() {
        char bytes[4096];
        const ssize_t got = ::recv(end_.get(), bytes, sizeof bytes, 0);
        return std::string(bytes, got > 0 ? static_cast<std::size_t>(got) : 0);
    }

    /// Whether there is text, or the end of file, within this time.
    bool is_heard(std::chrono::milliseconds limit) {
        pollfd line{end_.get(), POLLIN, 0};
        return ::poll(&line, 1, static_cast<int>(limit.count())) == 1;
    }

  private:
    os::unique_handle end_;
};

#endif

} // namespace procpool::test

#endif
