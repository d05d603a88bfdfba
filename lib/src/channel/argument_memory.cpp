// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/argument_memory.hpp"

#include "channel/layout.hpp"
#include "channel/reserve.hpp"
#include "os/fault_point.hpp"

#include <exception>
#include <new>

namespace procpool::channel {
namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{64} << 30;
static_assert(most_bytes <= request_header::most_payload_bytes);
constexpr std::uint64_t warm_argument_bytes = std::uint64_t{64} << 20;
constexpr std::uint64_t page_bytes = 64 * 1024;

os::shared_memory reserve_memory() {
    return with_less_until_it_fits(most_bytes, [](std::uint64_t bytes) {
        auto memory = os::shared_memory::create(bytes);
        const os::sparse_mapping probe(memory, os::access::read_write, 0,
                                       bytes); // both sides will map it whole
        return memory;
    });
}

} // namespace

argument_memory::mapped_memory::mapped_memory()
    : shared(reserve_memory())
    , region(shared, os::access::read_write, 0, shared.size()) {
    region.exclude_from_copies();
}

// Offset 0 is left out: in a frame it means that the payload is in the ring. The table of modules is there.
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
    // The pages go back before the block does, so that nobody can have been given it meanwhile.
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

/// Under the lock: a block is not lent any more.
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
