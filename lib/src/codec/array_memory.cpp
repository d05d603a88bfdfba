// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/codec/array_memory.hpp>

#include "codec/array_reuse.hpp"
#include "os/memory.hpp"
#include "os/self.hpp"

#include <procpool/detail/codec/codec_failures.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <unordered_map>
#include <utility>

namespace procpool::detail {
namespace {

static_assert(array_memory::alignment == os::shared_segment::alignment);

class segment_memory final : public array_memory {
  public:
    explicit segment_memory(os::shared_segment segment) noexcept
        : array_memory(segment.data(), segment.size())
        , segment_(std::move(segment)) {}
    segment_memory(const segment_memory&) = delete;
    segment_memory& operator=(const segment_memory&) = delete;
    ~segment_memory();

    const os::segment_ticket& ticket() const noexcept { return segment_.ticket(); }

  private:
    os::shared_segment segment_;
};

/// The memories that this process has attached, so that a second handle on one memory uses the existing
/// mapping.
/// Thread safety: any thread.
class attached_memories {
  public:
    using memory_ptr = std::shared_ptr<const segment_memory>;

    static attached_memories& instance() {
        // Never destroyed: an array may be a global object, which is destroyed later.
        static auto* const all = make();
        return *all;
    }

    void add(const memory_ptr& made) {
        const std::lock_guard lock(mutex_);
        by_id_.insert_or_assign(made->ticket().id, made);
    }

    /// Null if the memory is gone.
    memory_ptr find_or_attach(const os::segment_ticket& ticket) {
        memory_ptr found; // destroyed after the lock is released: the last owner of a memory takes the lock
        const std::lock_guard lock(mutex_);
        const auto at = by_id_.find(ticket.id);
        if (at != by_id_.end())
            found = at->second.lock();
        if (found) // while a memory is attached, its id is not used for another one
            return found->ticket() == ticket ? found : nullptr;
        auto attached = os::shared_segment::attach(ticket);
        if (attached) {
            found = std::make_shared<const segment_memory>(std::move(*attached));
            by_id_.insert_or_assign(ticket.id, found);
        }
        return found;
    }

    /// Called when the last owner of a memory in this process is gone; the memory may have been attached
    /// again since.
    void forget(std::uint64_t id) noexcept {
        const std::lock_guard lock(mutex_);
        const auto at = by_id_.find(id);
        if (at != by_id_.end() && at->second.expired())
            by_id_.erase(at);
    }

  private:
    static attached_memories* make() {
        auto made = std::make_unique<attached_memories>();
        os::call_around_forks([] { instance().mutex_.lock(); }, [] { instance().mutex_.unlock(); });
        return made.release();
    }

    std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::weak_ptr<const segment_memory>> by_id_;
};

segment_memory::~segment_memory() {
    attached_memories::instance().forget(ticket().id);
}

} // namespace

std::shared_ptr<const array_memory> array_memory::create(std::size_t elements, std::size_t element_bytes) {
    if (elements == 0)
        return nullptr;
    if (elements > std::numeric_limits<std::size_t>::max() / element_bytes)
        throw std::bad_alloc();
    const auto made =
        std::make_shared<const segment_memory>(os::shared_segment::create(elements * element_bytes));
    attached_memories::instance().add(made);
    return made;
}

void array_memory::encode(encoder& out, const std::shared_ptr<const array_memory>& memory) {
    os::segment_ticket ticket; // 0 bytes: there is no memory
    if (memory) {
        ticket = static_cast<const segment_memory&>(*memory).ticket();
        out.keep(memory);
    }
    out.write_bytes(&ticket, sizeof ticket);
}

std::shared_ptr<const array_memory> array_memory::decode(decoder& in, std::size_t element_bytes) {
    os::segment_ticket ticket;
    in.read_bytes(&ticket, sizeof ticket);
    if (ticket.bytes == 0)
        return nullptr;
    if (ticket.bytes % element_bytes != 0)
        fail_value("the bytes of a shared_array", ticket.bytes);
    auto found = attached_memories::instance().find_or_attach(ticket);
    if (!found)
        throw_codec_error("The memory of a shared_array is gone: the process that sent it was ended before "
                          "anybody else had it.");
    if (auto* const reuse = channel::array_reuse::current())
        reuse->keep(found);
    return found;
}

} // namespace procpool::detail
