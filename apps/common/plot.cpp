// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/plot.hpp"

#include "common/text.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
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
    std::signal(SIGPIPE, SIG_IGN); // a gnuplot that gives up early is an error, not the end of this program
    return popen(command, "w");
}
int close_pipe(std::FILE* pipe) {
    return pclose(pipe);
}
#endif

// The number of processes that shorten a run: all of them for calls that sleep, at most one per CPU for calls
// that compute.
double helpful(const report& measured, double processes) {
    return measured.computes() ? std::min(processes, static_cast<double>(measured.cpus)) : processes;
}

// The range of the axes: all measurements, the ideal line and the number of CPUs, with some space around
// them.
struct frame {
    double left = 0, right = 0, bottom = 0, top = 0;
};

frame frame_of(const report& measured) {
    const auto [fastest, slowest] = std::ranges::minmax(measured.sizes, {}, &measurement::total_seconds);
    const auto first = static_cast<double>(measured.sizes.front().processes);
    const auto last = static_cast<double>(measured.sizes.back().processes);
    const auto cpus = static_cast<double>(measured.cpus);
    return {.left = std::min(first, cpus) / 1.15,
            .right = std::max(last, cpus) * 1.15,
            .bottom = std::min(fastest.total_seconds, measured.serial_seconds / helpful(measured, last)) / 2,
            .top = std::max(slowest.total_seconds, measured.serial_seconds / helpful(measured, first)) * 2};
}

// The measured sizes whose labels do not overlap.
std::string size_tics(const report& measured, const frame& axes) {
    constexpr double axis_width = 760; // pixels, as are the next two
    constexpr double digit_width = 8.5;
    constexpr double gap = 5;
    std::string list;
    double free_from = -1;
    for (const measurement& size : measured.sizes) {
        const std::string label = std::to_string(size.processes);
        const double centre = axis_width * std::log(static_cast<double>(size.processes) / axes.left) /
                              std::log(axes.right / axes.left);
        const double half = digit_width * static_cast<double>(label.size()) / 2;
        if (centre - half < free_from)
            continue;
        free_from = centre + half + gap;
        list += (list.empty() ? "" : ", ") + label;
    }
    return list;
}

// The ideal time, as a gnuplot expression.
std::string ideal(const report& measured) {
    std::ostringstream out;
    out << measured.serial_seconds << "/x title 'ideal: serial time / processes'";
    if (!measured.computes())
        return out.str();
    out.str({});
    out << measured.serial_seconds << "/(x < " << measured.cpus << " ? x : " << measured.cpus
        << ") title 'ideal: serial time / processes, flat from the CPUs on'";
    return out.str();
}

// 1, 2 and 5 of each power of ten.
std::string second_tics(const frame& axes) {
    std::ostringstream list;
    const char* separator = "";
    for (double power = std::pow(10, std::floor(std::log10(axes.bottom))); power <= axes.top; power *= 10)
        for (const double step : {1, 2, 5}) {
            list << separator << step * power;
            separator = ", ";
        }
    return list.str();
}

} // namespace

// In gnuplot's single quotes nothing is special but the quote itself, which is doubled.
std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char letter : text)
        result += letter == '\'' ? std::string("''") : std::string(1, letter);
    return result + '\'';
}

std::string start_of_script(const std::string& file, const std::string& title, std::size_t height) {
    const std::string size = "size 900," + std::to_string(height);
    return "set terminal " +
           (file.ends_with(".png") ? "pngcairo " + size + " font 'sans-serif,11'"
                                   : "svg " + size + " dynamic font 'sans-serif,14' background '#ffffff'") +
           "\nset output " + quoted(file) + "\nset encoding utf8\nset title " + quoted(title) +
           " noenhanced\n";
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

std::string plot_script(const report& measured, const std::string& file) {
    const frame axes = frame_of(measured);
    const std::string cpus = counted(measured.cpus, "CPU", "CPUs");
    std::ostringstream out;
    // NAME << END ... END is a table of numbers inside the script.
    out << "$measured << END\n";
    for (const measurement& size : measured.sizes)
        out << size.processes << ' ' << size.total_seconds << '\n';
    out << "END\n"
        << start_of_script(file, measured.app + ": " + measured.work + ", on " + cpus, 560)
        << "set title offset 0,0.8\n"
        << "set tmargin 4.5\n"
        << "set xlabel 'processes in the pool'\n"
        << "set ylabel 'total time in seconds'\n"
        // Both axes are logarithmic: then the ideal is a straight line while more processes help, and a pool
        // that scales follows it.
        << "set logscale xy\n"
        << "set xrange [" << axes.left << ':' << axes.right << "]\n"
        << "set yrange [" << axes.bottom << ':' << axes.top << "]\n"
        << "set xtics nomirror (" << size_tics(measured, axes) << ")\n"
        << "set ytics nomirror (" << second_tics(axes) << ")\n"
        << "set grid linecolor '#d0d0d0'\n"
        << "set border 3\n"
        << "set bmargin 6\n"
        << "set key at screen 0.5, screen 0.02 center bottom horizontal\n"
        << "set arrow from first " << measured.cpus << ", graph 0 to first " << measured.cpus
        << ", graph 1 nohead dashtype 3 linewidth 2 linecolor '#b05a1a'\n"
        << "set label " << quoted(cpus) << " at first " << measured.cpus
        << ", graph 1.03 center textcolor '#b05a1a'\n"
        << "plot " << ideal(measured) << " with lines "
        << "linewidth 2 dashtype 2 linecolor '#888888', \\\n"
        << "     $measured using 1:2 title 'measured' with linespoints linewidth 2 pointtype 7 pointsize 0.7 "
        << "linecolor '#1f6fb2'\n";
    return out.str();
}

void plot(const report& measured, const std::string& file) {
    draw(plot_script(measured, file), file);
}

} // namespace apps
