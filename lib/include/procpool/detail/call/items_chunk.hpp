// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_ITEMS_CHUNK_HPP
#define PROCPOOL_DETAIL_CALL_ITEMS_CHUNK_HPP

#include <procpool/detail/call/job.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>

namespace procpool::detail {

/// Consecutive items of an items_call, which they keep alive until they are settled.
template <class Whole>
class items_chunk : public job {
  public:
    using whole = Whole;

    void settled() noexcept final {
        arguments.clear(); // before the result is ready: its reader may rely on it
        whole_->chunk_settled();
        delete this;
    }

  protected:
    items_chunk(pool_core& core, Whole& of, std::size_t first) : job(core), whole_(&of) {
        items = 0;
        index_base = first;
        is_of_range = true;
        owner = &of;
    }
    virtual ~items_chunk() = default;

    Whole& of() const noexcept { return *whole_; }
    /// The index of an item of this chunk in the whole call.
    std::size_t index_of(std::uint32_t item) const noexcept { return index_base + item; }

  private:
    void failed(std::uint32_t first, std::uint32_t count, const std::exception_ptr& why) noexcept final {
        whole_->fail(index_of(first), why);
        whole_->progressed(count);
    }

    boost::intrusive_ptr<Whole> whole_;
};

} // namespace procpool::detail

#endif
