// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_PAYLOAD_HPP
#define PROCPOOL_DETAIL_PAYLOAD_HPP

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
/// Small ones lie in the object, larger ones on the heap until a worker gets a copy in its ring; big ones are
/// encoded into memory that every worker reads, and never copied again.
class payload final : public encoder {
  public:
    explicit payload(pool_core& core) noexcept : encoder(inline_, sizeof inline_), core_(&core) {}
    ~payload() { clear(); }

    std::span<const std::byte> bytes() const noexcept { return {base(), size()}; }
    /// Where workers find it; `data` is null if they cannot, and it must be copied into a ring.
    argument_block shared() const noexcept { return elsewhere_ ? elsewhere_->shared : argument_block(); }

    void keep(std::shared_ptr<const void> what) override;

    struct position {
        std::size_t bytes = 0;
        std::size_t kept = 0;
    };
    position end() const noexcept { return {size(), elsewhere_ ? elsewhere_->kept.size() : 0}; }
    /// Forgets everything that was written, or is kept, since.
    void cut(const position& to) noexcept;
    /// Replaces bytes that were written.
    void overwrite(std::size_t at, const void* data, std::size_t size) noexcept {
        std::memcpy(base() + at, data, size);
    }
    /// Gives the memory back.
    void clear() noexcept {
        rewind(0);
        if (elsewhere_)
            leave_elsewhere();
    }

  private:
    /// What few calls have.
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
    std::unique_ptr<outside, destroy> elsewhere_; // null: there is nothing outside of this object
    std::byte inline_[64]; // with malloc's share, a call of numbers then takes four cache lines
};

} // namespace procpool::detail

#endif
