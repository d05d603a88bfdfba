// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SCRIPTED_CHILD_HPP
#define PROCPOOL_TEST_SCRIPTED_CHILD_HPP

#include "os/lifeline.hpp"
#include "os/process.hpp"
#include "support/child_line.hpp"
#include "support/eventually.hpp"
#include "support/integration_main.hpp"
#include "support/open_descriptors.hpp"
#include "support/process_control.hpp"
#include "support/process_table.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// A child of a test: this program again, with a script, a line to its parent, and additions of the test.
namespace procpool::test {

inline constexpr const char* child_title = "[procpool worker 3]";

class scripted_child {
  public:
    explicit scripted_child(const std::string& script, std::vector<os::native_handle> handles = {},
                            std::vector<std::pair<std::string, std::string>> environment = {})
        : scripted_child(os::make_lifeline(), script, std::move(handles), std::move(environment)) {}

    std::string hear_some() { return line_.hear_some(); }
    bool is_heard(std::chrono::milliseconds limit) { return line_.is_heard(limit); }

    /// All text of the child, until no process has its end of the line.
    std::string hear_all() {
        std::string all;
        for (std::string some = hear_some(); !some.empty(); some = hear_some())
            all += some;
        return all;
    }

    os::exit_report wait_for_exit() {
        std::optional<os::exit_report> report;
        os::async_wait_exit(process_, [] {}, [&](os::exit_report result) { report = std::move(result); });
        context_.run();
        return report.value();
    }

    os::process& process() { return process_; }

  private:
    scripted_child(os::lifeline_pair line, const std::string& script, std::vector<os::native_handle> handles,
                   std::vector<std::pair<std::string, std::string>> environment)
        : line_(std::move(line.parent_end))
        , process_(start(line.worker_end, script, std::move(handles), std::move(environment))) {}

    os::process start(const os::unique_handle& line, const std::string& script,
                      std::vector<os::native_handle> handles,
                      std::vector<std::pair<std::string, std::string>> environment) {
        environment.emplace_back(script_variable, script);
        handles.insert(handles.begin(), line.get());
        return os::start_worker(context_.get_executor(),
                                {child_title, std::move(environment), std::move(handles)});
    }

    boost::asio::io_context context_;
    child_line line_;
    os::process process_;
};

/// A fixture: after the test there is no child, and the same descriptors are open as before.
struct nothing_left : same_descriptors_after {
    ~nothing_left() { BOOST_TEST(children_of(own_pid()).empty(), "a child is left"); }
};

/// All text of a child that runs `script` and exits with 0.
inline std::string answer_to(const std::string& script, std::vector<os::native_handle> handles = {}) {
    scripted_child child(script, std::move(handles));
    std::string answer = child.hear_all();
    BOOST_TEST(child.wait_for_exit().text == "exited with status 0");
    return answer;
}

} // namespace procpool::test

#endif
