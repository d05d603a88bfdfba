// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_PROGRESS_BAR_HPP
#define PROCPOOL_APPS_PROGRESS_BAR_HPP

// A bar on standard error that shows the progress of a benchmark. Shows nothing if standard error is not a
// terminal.

#include <cstddef>
#include <string>
#include <string_view>

namespace apps {

/// A bar, the percentage and `what`, in less than `columns` characters, so that a terminal of that width does
/// not wrap the line.
std::string progress_line(double fraction, std::string_view what, std::size_t columns);

class progress_bar {
  public:
    progress_bar();
    ~progress_bar(); // erases the bar
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;

    /// `fraction` from 0 to 1.
    void show(double fraction, std::string_view what);

  private:
    bool on_terminal_;
    int last_permille_ = -1;
};

} // namespace apps

#endif
