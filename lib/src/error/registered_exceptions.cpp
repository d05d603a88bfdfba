// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "error/registered_exceptions.hpp"

#include "os/modules.hpp"

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string_view>

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

bool is_in_unnamed_namespace(std::string_view name) {
    return name.find("_GLOBAL__N_") != std::string_view::npos || // as the Itanium ABI writes it
           name.find("`anonymous") != std::string_view::npos;    // and Microsoft's compiler
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

exception_key key_of(const std::type_info& type) {
    exception_key out{type.name(), 0, 0};
    if (const auto module = os::module_at(&type)) {
        out.module = os::fingerprint(*module);
        out.offset = static_cast<std::uint64_t>(reinterpret_cast<const std::byte*>(&type) - module->base);
    }
    return out;
}

std::optional<registered_exception> find_registered_exception(const exception_key& key) {
    std::optional<registered_exception> of_same_name;
    for (const auto& entry : registered_exceptions()) {
        if (key.name != entry.type->name())
            continue;
        if (key_of(*entry.type) == key)
            return entry;
        of_same_name = entry;
    }
    // Of a type that has its name to itself, several modules may have a type_info.
    return is_in_unnamed_namespace(key.name) ? std::nullopt : of_same_name;
}

} // namespace procpool::detail
