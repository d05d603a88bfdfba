// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_APPS_PROGRESS_BAR_HPP
#define PROCPOOL_APPS_PROGRESS_BAR_HPP

// A bar on standard error that tells a person how far a benchmark is. Shows nothing where standard error is
// no terminal.

#include <string_view>

namespace apps {

class progress_bar {
  public:
    progress_bar();
    ~progress_bar(); // wipes the bar away
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
