// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_DELIVERY_HPP
#define PROCPOOL_POOL_DELIVERY_HPP

#include "channel/memory.hpp"
#include "channel/response_reader.hpp"
#include "os/doorbell.hpp"

#include <procpool/detail/job.hpp>

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

namespace procpool::pooling {

/// The process that an outcome came from, and its memory, which a big result is read from in place.
struct origin {
    std::shared_ptr<const channel::channel_memory> memory;
    const os::doorbell* bell = nullptr; // lives as long as the pool
    long pid = 0;
};

/// Outcomes that were gathered under the pool's lock, to be decoded and handed over without it: decoding runs
/// the user's code.
///
/// Bytes in a ring are copied, so that the ring is free again at once; bytes in an arena stay where they are
/// until they are decoded.
///
/// Decoding may wait for another outcome that is in the same delivery: then another thread takes over what is
/// left of it (`take_rest`), since what is decoded next in this thread may wait for what it is in the middle of.
/// Thread safety: one thread.
class delivery {
  public:
    delivery() = default;
    delivery(const delivery&) = delete;
    delivery& operator=(const delivery&) = delete;
    ~delivery() { hand_over(); }

    /// What a worker says of items [first, first + record.items) of a job.
    /// Errors: throws std::bad_alloc; then nothing has changed.
    void add(detail::job& to, std::uint32_t first, const channel::record& record, const origin& from);
    /// Room for so many failures more. Errors: throws std::bad_alloc.
    void make_room_for_failures(std::size_t count);
    bool has_room_for_failure() const noexcept {
        return outcomes_.size() < outcomes_.capacity() && failures_.size() < failures_.capacity();
    }
    /// Items [first, first + count) of a job have failed. Requires: room.
    void add_failure(detail::job& to, std::uint32_t first, std::uint32_t count,
                     std::exception_ptr why) noexcept;
    /// A bell that is to be rung. Where there is no memory to note it, it rings at once.
    /// Requires: it lives as long as the pool.
    void add_ring(const os::doorbell& bell) noexcept;

    bool empty() const noexcept { return outcomes_.empty() && rings_.empty(); }
    bool has_rings() const noexcept { return !rings_.empty(); }
    bool has_outcomes() const noexcept { return !outcomes_.empty(); }

    /// Takes the outcomes of `other` over, behind its own. Does not throw if it has none of its own.
    /// Requires: neither is being handed over.
    /// Errors:   throws std::bad_alloc; then nothing has changed.
    void take_outcomes(delivery& other);
    /// Likewise, but only outcomes that have to be decoded; failures stay.
    void take_what_is_to_be_decoded(delivery& other);
    /// Takes over what `other`, which is being handed over in this thread, has not handed over yet.
    void take_rest(delivery& other);
    /// So that it can take the outcomes of both, or what is left of them, without memory.
    /// Errors: throws std::bad_alloc.
    void make_room_for(const delivery& one, const delivery& other);
    /// Forgets its outcomes, which come again.
    void forget_outcomes() noexcept;
    /// Memory that is released when this is handed over, since unmapping it takes long. Empties `what`,
    /// unless there is no memory for that.
    void release_later(std::vector<std::shared_ptr<const channel::channel_memory>>& what) noexcept;

    /// Rings the bells, and gives every outcome to its job, in the order in which they came.
    /// Requires: no pool's lock is held.
    void hand_over() noexcept;

    /// Is this thread in the middle of handing something over?
    static bool any_suspended() noexcept { return innermost_ != nullptr; }
    /// Goes on with all that this thread is in the middle of handing over, the innermost first, until `done`.
    /// Requires: no pool's lock is held.
    template <class Done>
    static void hand_over_suspended(Done done) noexcept {
        for (auto* each = innermost_; each != nullptr && !done(); each = each->outer_)
            while (each->next_ != each->outcomes_.size() && !done())
                each->hand_over_next();
    }

  private:
    enum class kind : std::uint8_t { values, exception, failure };

    struct outcome {
        detail::job* to;
        std::uint32_t first;
        std::uint32_t count;
        std::size_t offset; // in `bytes_`; or index in `arena_`, or in `failures_`
        std::size_t size;
        long pid;
        kind what;
        bool in_arena;
    };
    struct arena_bytes {
        origin from;
        std::uint32_t slot;
        const std::byte* data;
    };

    void hand_over_next() noexcept { hand_over(outcomes_[next_++]); }
    void hand_over(const outcome& each) noexcept;
    struct places {
        std::size_t bytes;
        std::size_t arena;
        std::size_t failures;
    };
    places append_what_outcomes_refer_to(delivery& other);
    void append(outcome each, const places& before) noexcept;

    static inline thread_local delivery* innermost_ = nullptr; // that is being handed over

    boost::container::small_vector<outcome, 4> outcomes_;
    boost::container::small_vector<std::byte, 512> bytes_;
    std::vector<arena_bytes> arena_;
    boost::container::small_vector<std::exception_ptr, 4> failures_;
    boost::container::small_vector<const os::doorbell*, 4> rings_;
    std::vector<std::shared_ptr<const channel::channel_memory>> released_;
    std::size_t next_ = 0;      // outcome to be handed over
    delivery* outer_ = nullptr; // while this one is handed over
};

} // namespace procpool::pooling

#endif
