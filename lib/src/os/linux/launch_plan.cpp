// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/launch_plan.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace procpool::os {

namespace {

using move_list = std::vector<descriptor_move>;

bool is_source(const move_list& pending, int descriptor) {
    return std::ranges::any_of(pending, [&](const descriptor_move& move) {
        return move.from == descriptor && move.to != descriptor;
    });
}

// The lowest descriptor above the targets that nothing is still to be moved from.
int spare_descriptor(const move_list& pending, int from) {
    while (is_source(pending, from))
        ++from;
    return from;
}

bool has_nul(std::string_view text) {
    return text.find('\0') != std::string_view::npos;
}

} // namespace

std::vector<descriptor_move> plan_moves(std::span<const int> sources, int first) {
    move_list pending;
    int target = first;
    for (const int source : sources)
        pending.push_back({source, target++});

    move_list plan;
    while (!pending.empty()) {
        // A target that nobody is still to be moved from can be filled now.
        const auto ready = std::ranges::find_if(
            pending, [&](const descriptor_move& move) { return !is_source(pending, move.to); });
        if (ready != pending.end()) {
            plan.push_back(*ready);
            pending.erase(ready);
            continue;
        }
        // What is left are rings (3 to 4, 4 to 3). Parking one source aside opens one of them.
        const int parked = pending.front().from;
        const int spare = spare_descriptor(pending, target);
        plan.push_back({parked, spare});
        for (descriptor_move& move : pending) {
            if (move.from == parked)
                move.from = spare;
        }
    }
    return plan;
}

std::vector<std::string> merge_environment(std::span<const std::string> base,
                                           std::span<const std::pair<std::string, std::string>> added) {
    for (const auto& [name, value] : added) {
        if (name.empty() || name.find('=') != std::string::npos || has_nul(name) || has_nul(value))
            throw std::invalid_argument("procpool: not an environment variable: " + name);
    }
    std::vector<std::string> result;
    for (const std::string& line : base) {
        const std::string_view name = std::string_view(line).substr(0, line.find('='));
        if (std::ranges::none_of(added, [&](const auto& variable) { return variable.first == name; }))
            result.emplace_back(line);
    }
    for (const auto& [name, value] : added)
        result.push_back(name + '=' + value);
    return result;
}

} // namespace procpool::os
