// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_PAYLOAD_HPP
#define PROCPOOL_DETAIL_CALL_PAYLOAD_HPP

#include <procpool/detail/pool_core.hpp>
#include <procpool/encoder.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

namespace procpool::detail {

/// The encoded function object and arguments of a job.
///
/// Small payloads are stored in the object, larger ones on the heap until they are copied into a worker's
/// ring. Big ones are encoded into memory that every worker can read, and are never copied.
class payload final : public encoder {
  public:
    explicit payload(pool_core& core) noexcept : encoder(inline_, sizeof inline_), core_(&core) {}
    ~payload() { clear(); }

    std::span<const std::byte> bytes() const noexcept { return {base(), size()}; }
    /// The location for workers; `data` is null if workers cannot read the payload, which must then be copied
    /// into a ring.
    argument_block shared() const noexcept { return elsewhere_ ? elsewhere_->shared : argument_block(); }

    void keep(std::shared_ptr<const void> what) override;

    struct position {
        std::size_t bytes = 0;
        std::size_t kept = 0;
    };
    position end() const noexcept { return {size(), elsewhere_ ? elsewhere_->kept.size() : 0}; }
    /// Drops all bytes and kept objects that were added after the position.
    void cut(const position& to) noexcept;
    /// Replaces bytes that were written.
    void overwrite(std::size_t at, const void* data, std::size_t size) noexcept {
        std::memcpy(base() + at, data, size);
    }
    /// Frees the memory.
    void clear() noexcept {
        rewind(0);
        if (elsewhere_)
            leave_elsewhere();
    }

  private:
    /// Members that few calls need.
    struct outside {
        std::unique_ptr<std::byte[]> heap;
        argument_block shared;
        std::vector<std::shared_ptr<const void>> kept;
    };
    struct destroy {
        void operator()(outside* what) const noexcept;
    };

    void grow(std::size_t more) override;
    outside& elsewhere();
    void leave_elsewhere() noexcept;

    pool_core* core_;
    std::unique_ptr<outside, destroy> elsewhere_; // null: all bytes are in this object
    std::byte inline_[64]; // so a call of numbers, with malloc's header, takes four cache lines
};

} // namespace procpool::detail

#endif
