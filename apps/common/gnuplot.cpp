// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/gnuplot.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace apps {
namespace {

#ifdef _WIN32
constexpr const char* find_gnuplot = "where gnuplot >NUL 2>&1";
constexpr const char* run_gnuplot = "gnuplot >NUL 2>&1";
std::FILE* open_pipe(const char* command) {
    return _popen(command, "w");
}
int close_pipe(std::FILE* pipe) {
    return _pclose(pipe);
}
#else
constexpr const char* find_gnuplot = "command -v gnuplot >/dev/null 2>&1";
constexpr const char* run_gnuplot = "gnuplot >/dev/null 2>&1";
std::FILE* open_pipe(const char* command) {
    std::signal(SIGPIPE,
                SIG_IGN); // a gnuplot that gives up early is an error to report, not the end of this program
    return popen(command, "w");
}
int close_pipe(std::FILE* pipe) {
    return pclose(pipe);
}
#endif

} // namespace

// In gnuplot's single quotes nothing is special but the quote itself, which is doubled.
std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char letter : text)
        result += letter == '\'' ? std::string("''") : std::string(1, letter);
    return result + '\'';
}

void draw(const std::string& script, const std::string& file) {
    if (std::system(find_gnuplot) != 0)
        throw std::runtime_error("gnuplot is not installed, so " + file +
                                 " was not drawn (Debian: apt-get install gnuplot-nox)");
    std::FILE* const pipe = open_pipe(run_gnuplot);
    const bool written =
        pipe != nullptr && std::fwrite(script.data(), 1, script.size(), pipe) == script.size();
    const bool succeeded = pipe != nullptr && close_pipe(pipe) == 0;
    if (!written || !succeeded)
        throw std::runtime_error("gnuplot could not draw " + file);
}

} // namespace apps
