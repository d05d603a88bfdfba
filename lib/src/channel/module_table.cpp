// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/module_table.hpp"

#include <cstring>

namespace procpool::channel {
namespace {

/// The path follows, then padding. 0 bytes of path: the end of the table.
struct entry_head {
    std::uint64_t fingerprint;
    std::uint64_t path_bytes;
};

constexpr std::size_t padded(std::size_t bytes) noexcept {
    return (bytes + sizeof(entry_head) - 1) / sizeof(entry_head) * sizeof(entry_head);
}

/// The head of the first entry in `table`, which is cut to begin with the path; false: there is no entry.
template <class Byte>
bool enter(std::span<Byte>& table, entry_head& head) noexcept {
    if (table.size() < sizeof head)
        return false;
    std::memcpy(&head, table.data(), sizeof head);
    if (head.path_bytes == 0 || head.path_bytes > table.size() - sizeof head)
        return false;
    table = table.subspan(sizeof head);
    return true;
}

template <class Byte>
void pass(std::span<Byte>& table, const entry_head& head) noexcept {
    const auto bytes = padded(static_cast<std::size_t>(head.path_bytes));
    table = table.subspan(bytes < table.size() ? bytes : table.size());
}

} // namespace

bool add_module(std::span<std::byte> table, const module_entry& entry) noexcept {
    entry_head head{};
    while (enter(table, head))
        pass(table, head);
    const entry_head added{entry.fingerprint, entry.path.size()};
    if (entry.path.empty() || table.size() < sizeof added ||
        table.size() - sizeof added < padded(entry.path.size()))
        return false;
    std::memcpy(table.data() + sizeof added, entry.path.data(), entry.path.size());
    std::memcpy(table.data(), &added, sizeof added);
    return true;
}

std::optional<module_entry> read_module(std::span<const std::byte> table, std::uint32_t number) {
    entry_head head{};
    while (number != 0 && enter(table, head)) {
        if (--number == 0)
            return module_entry{head.fingerprint, std::string(reinterpret_cast<const char*>(table.data()),
                                                              static_cast<std::size_t>(head.path_bytes))};
        pass(table, head);
    }
    return std::nullopt;
}

} // namespace procpool::channel
