// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/verdict.hpp"

#include "common/text.hpp"

#include <algorithm>
#include <span>

namespace apps {
namespace {

// Differences below a tenth are noise on a machine that also runs other programs.
constexpr double noise = 0.1;

using sizes = std::span<const measurement>;

const measurement& fastest(sizes measured) {
    return *std::ranges::min_element(measured, {}, &measurement::total_seconds);
}

std::string processes(const measurement& size) {
    return counted(size.processes, "process", "processes");
}

std::string took(const measurement& size) {
    return seconds(size.total_seconds) + " s with " + processes(size);
}

std::string best_size(const report& measured) {
    const measurement& best = fastest(measured.sizes);
    return "Fastest: " + took(best) + ", " + fixed(measured.speedup(best), 1) +
           " times as fast as one call after " + "the other (" + seconds(measured.serial_seconds) + " s).";
}

std::string beyond_the_cpus(const report& measured, sizes within, sizes beyond) {
    const std::string cpus = counted(measured.cpus, "CPU", "CPUs");
    const double cpu_share = measured.serial_cpu_seconds / measured.serial_seconds;
    const std::string use = "These calls use a CPU for " + percent(cpu_share) + " of their time";
    const measurement& largest = beyond.back();
    const measurement& best = fastest(beyond);
    const measurement& reference = fastest(within);

    if (best.total_seconds < (1 - noise) * reference.total_seconds)
        return "More processes than the " + cpus + " still pay: " + took(reference) + ", " + took(best) +
               ". " + use +
               (measured.computes() ? ", so others must have used the machine at the same time."
                                    : "; who waits needs none, so a sleep does not simulate a computation.");
    if (largest.start_seconds > largest.total_seconds / 2)
        return "The calls are too short to say more: starting " + processes(largest) + " took " +
               percent(largest.start_seconds / largest.total_seconds) +
               " of the time. A larger --scale helps.";

    const double change = largest.total_seconds / reference.total_seconds - 1;
    const std::string trend = change < noise ? "about the same" : percent(change) + " more";
    return "More processes than the " + cpus + " gain nothing: " + took(reference) + ", " + took(largest) +
           ", which is " + trend + ". " + use +
           (measured.computes() ? ", and beyond the CPUs they only take turns."
                                : ", so it is not the CPUs that limit them.");
}

} // namespace

std::vector<std::string> verdict(const report& measured) {
    const auto first_beyond =
        std::ranges::upper_bound(measured.sizes, measured.cpus, {}, &measurement::processes);
    const sizes within(measured.sizes.begin(), first_beyond);
    const sizes beyond(first_beyond, measured.sizes.end());

    std::vector<std::string> sentences;
    sentences.push_back("All " +
                        counted(measured.sizes.size() * measured.jobs, "result equals", "results equal") +
                        " those of the serial run.");
    sentences.push_back(best_size(measured));
    const std::string cpus = counted(measured.cpus, "CPU", "CPUs");
    if (beyond.empty())
        sentences.push_back("No pool was larger than the " + cpus +
                            ", so this does not show where more processes stop to pay.");
    else if (within.empty())
        sentences.push_back("All pools were larger than the " + cpus +
                            ", so this does not show what the CPUs alone give.");
    else
        sentences.push_back(beyond_the_cpus(measured, within, beyond));
    return sentences;
}

} // namespace apps
