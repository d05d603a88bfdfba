// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/argument_memory.hpp"

#include "channel/layout.hpp"
#include "channel/memory.hpp"
#include "os/fault_point.hpp"

#include <cstring>
#include <exception>
#include <new>

namespace procpool::channel {
namespace {

/// Head of an entry of the module table; the path follows, then padding. 0 bytes of path mark the end of the
/// table.
struct entry_head {
    std::uint64_t fingerprint;
    std::uint64_t path_bytes;
};

constexpr std::size_t padded(std::size_t bytes) noexcept {
    return (bytes + sizeof(entry_head) - 1) / sizeof(entry_head) * sizeof(entry_head);
}

/// Reads the head of the first entry, and cuts `table` so that it begins with the path. False: there is no
/// entry.
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

namespace {

constexpr std::uint64_t max_bytes = std::uint64_t{64} << 30;
constexpr std::uint64_t parts_of_arguments = 4; // each pool takes one
static_assert(max_bytes <= request_header::max_payload_bytes);
constexpr std::uint64_t warm_argument_bytes = std::uint64_t{64} << 20;
constexpr std::uint64_t page_bytes = 64 * 1024;

os::shared_memory reserve_memory() {
    const auto most = bytes_to_reserve(max_bytes, os::reservable_memory(), parts_of_arguments);
    return with_less_until_it_fits(most, [](std::uint64_t bytes) {
        auto memory = os::shared_memory::create(bytes);
        // Both sides will map the whole memory.
        const os::sparse_mapping probe(memory, os::access::read_write, 0, bytes);
        return memory;
    });
}

} // namespace

argument_memory::mapped_memory::mapped_memory()
    : shared(reserve_memory())
    , region(shared, os::access::read_write, 0, shared.size()) {
    region.exclude_from_copies();
}

// Offset 0 is never allocated: in a frame it means that the payload is in the ring. The first page contains
// the table of modules.
argument_memory::argument_memory()
    : arena_(page_bytes, memory_->shared.size() - page_bytes, page_bytes, warm_argument_bytes) {}

block argument_memory::allocate(std::uint64_t bytes) {
    std::optional<arena::allocation> got;
    {
        const std::lock_guard lock(mutex_);
        if (!closed_)
            got = arena_.allocate(bytes);
        if (!got)
            throw std::bad_alloc();
        ++lent_;
    }
    os::fault_point(os::fault_step::argument_block_taken);
    if (!got->warm) {
        try {
            os::ensure_memory(memory_->shared, got->taken.offset, got->taken.bytes);
        } catch (const std::exception&) {
            os::release_memory(memory_->shared, got->taken.offset, got->taken.bytes);
            const std::lock_guard lock(mutex_);
            arena_.free_cold(got->taken);
            returned();
            throw std::bad_alloc();
        }
    }
    return got->taken;
}

void argument_memory::free(block freed) noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (arena_.would_stay_warm(freed.bytes)) {
            arena_.free_warm(freed);
            returned();
            return;
        }
    }
    // The pages are released before the block is freed: afterwards, another job may have allocated the block.
    os::release_memory(memory_->shared, freed.offset, freed.bytes);
    const std::lock_guard lock(mutex_);
    arena_.free_cold(freed);
    returned();
}

void argument_memory::leave(block) noexcept {
    const std::lock_guard lock(mutex_);
    returned();
}

void argument_memory::close() noexcept {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    if (lent_ == 0)
        memory_.reset();
}

/// Counts a block that is no longer lent. Under the lock.
void argument_memory::returned() noexcept {
    --lent_;
    if (closed_ && lent_ == 0)
        memory_.reset();
}

std::span<std::byte> argument_memory::module_table() {
    if (!has_module_table_) {
        try {
            os::ensure_memory(memory_->shared, 0, page_bytes);
        } catch (const std::exception&) {
            throw std::bad_alloc();
        }
        has_module_table_ = true;
    }
    return {memory_->region.data(), page_bytes};
}

argument_view::argument_view(const os::shared_memory& memory)
    : region_(memory, os::access::read_only, 0, memory.size()) {}

std::span<const std::byte> argument_view::bytes(std::uint64_t offset, std::uint64_t bytes) const noexcept {
    if (offset > region_.size() || bytes > region_.size() - offset)
        return {};
    return {region_.data() + offset, static_cast<std::size_t>(bytes)};
}

std::span<const std::byte> argument_view::module_table() const noexcept {
    return bytes(0, page_bytes);
}

} // namespace procpool::channel
