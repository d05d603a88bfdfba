// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "error/registered_exceptions.hpp"

#include <algorithm>
#include <mutex>

namespace procpool::detail {
namespace {

struct registry {
    std::mutex mutex;
    std::vector<registered_exception> entries; // few, and only failing tasks look
};

registry& the_registry() {
    // Made by the first caller, which may be a global's initialiser; leaked, because a pool may outlive it.
    static auto& instance = *new registry;
    return instance;
}

} // namespace

void add_registered_exception(const registered_exception& entry) {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    const auto same = [&](const registered_exception& other) {
        return *other.type == *entry.type;
    };
    if (std::ranges::none_of(all.entries, same))
        all.entries.push_back(entry);
}

std::vector<registered_exception> registered_exceptions() {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    return all.entries;
}

std::optional<registered_exception> find_registered_exception(std::string_view key) {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    const auto found =
        std::ranges::find_if(all.entries, [&](const auto& entry) { return key == entry.type->name(); });
    return found == all.entries.end() ? std::nullopt : std::optional(*found);
}

} // namespace procpool::detail
