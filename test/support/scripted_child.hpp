// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SCRIPTED_CHILD_HPP
#define PROCPOOL_TEST_SCRIPTED_CHILD_HPP

#include "os/lifeline.hpp"
#include "os/process.hpp"
#include "support/integration_main.hpp"
#include "support/open_descriptors.hpp"

#include <boost/asio/io_context.hpp>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// A child of a test: this program again, with a script, a line to its parent as descriptor 3, and what a test
// adds.
namespace procpool::test {

inline constexpr int line_to_parent = 3;
inline constexpr const char* child_title = "[procpool worker 3]";

/// In the child: tells the parent.
inline void say(const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t written = ::write(line_to_parent, text.data() + done, text.size() - done);
        if (written <= 0)
            os::exit_now(99);
        done += static_cast<std::size_t>(written);
    }
}

class scripted_child {
  public:
    explicit scripted_child(const std::string& script, std::vector<os::native_handle> handles = {},
                            std::vector<std::pair<std::string, std::string>> environment = {})
        : line_(os::make_lifeline())
        , process_(start(script, std::move(handles), std::move(environment))) {
        line_.worker_end.reset();
    }

    /// What the child says next; empty at the end of file.
    std::string hear_some() {
        char bytes[4096];
        const ssize_t got = ::recv(line_.parent_end.get(), bytes, sizeof bytes, 0);
        return std::string(bytes, got > 0 ? static_cast<std::size_t>(got) : 0);
    }

    /// Does the child say something, or is there nobody any more who could, within this time?
    bool is_heard(std::chrono::milliseconds limit) {
        pollfd line{line_.parent_end.get(), POLLIN, 0};
        return ::poll(&line, 1, static_cast<int>(limit.count())) == 1;
    }

    /// All that the child says, until nobody holds its end of the line any more.
    std::string hear_all() {
        std::string all;
        for (std::string some = hear_some(); !some.empty(); some = hear_some())
            all += some;
        return all;
    }

    os::exit_report wait_for_exit() {
        std::optional<os::exit_report> report;
        os::async_wait_exit(process_, [&](os::exit_report result) { report = std::move(result); });
        context_.run();
        return report.value();
    }

    os::process& process() { return process_; }

  private:
    os::process start(const std::string& script, std::vector<os::native_handle> handles,
                      std::vector<std::pair<std::string, std::string>> environment) {
        environment.emplace_back(script_variable, script);
        handles.insert(handles.begin(), line_.worker_end.get());
        return os::start_worker(context_.get_executor(),
                                {child_title, std::move(environment), std::move(handles)});
    }

    boost::asio::io_context context_;
    os::lifeline_pair line_;
    os::process process_;
};

/// A fixture: after the test there is no child, and no descriptor that was not there before.
struct nothing_left : same_descriptors_after {
    ~nothing_left() {
        BOOST_TEST((::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD), "a child is left");
    }
};

/// All that a child says that carries out `script` and exits with 0.
inline std::string answer_to(const std::string& script, std::vector<os::native_handle> handles = {}) {
    scripted_child child(script, std::move(handles));
    std::string answer = child.hear_all();
    BOOST_TEST(child.wait_for_exit().text == "exited with status 0");
    return answer;
}

} // namespace procpool::test

#endif
