// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_GATE_HPP
#define PROCPOOL_TEST_GATE_HPP

#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <stdexcept>
#include <string>

// Tasks that wait until the test lets them continue.
namespace procpool::test {

/// Closed at first. Tasks get its path.
class gate {
  public:
    const std::string& path() const noexcept { return path_; }
    void open() const { append_line(path_, "open"); }

    /// The number of tasks that have reached the gate.
    std::size_t arrived() const { return lines_of(path_ + ".arrived").size(); }
    bool wait_for_arrival(std::size_t tasks = 1) const { return wait_for_lines(path_ + ".arrived", tasks); }

  private:
    temporary_folder folder_;
    std::string path_ = folder_.file("gate");
};

/// A task: waits until the gate is open, and returns `value`.
inline int pass(const std::string& gate, int value) {
    append_line(gate + ".arrived", std::to_string(own_pid()));
    if (!wait_for_file(gate))
        throw std::runtime_error("the gate was not opened");
    return value;
}

/// A task that fails after the gate has been opened.
inline int fail_behind(const std::string& gate, const std::string& why) {
    pass(gate, 0);
    throw std::invalid_argument(why);
}

} // namespace procpool::test

#endif
