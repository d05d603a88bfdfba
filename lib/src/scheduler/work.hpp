// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SCHEDULER_WORK_HPP
#define PROCPOOL_SCHEDULER_WORK_HPP

#include <boost/circular_buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace procpool::scheduling {

/// Identifies a call; its meaning is up to the owner.
using call_id = std::uintptr_t;

/// The `worker` of work that any worker may run.
inline constexpr std::uint32_t any_worker = std::numeric_limits<std::uint32_t>::max();

/// Items [first, first + items) of a call, which a worker gets as one frame.
struct work {
    call_id call = 0;
    std::uint32_t first = 0;
    std::uint32_t items = 0;
    std::uint32_t worker = any_worker; // the only one that may run it

    bool pinned() const noexcept { return worker != any_worker; }
    work part(std::uint32_t from, std::uint32_t count) const noexcept { return {call, from, count, worker}; }

    friend bool operator==(const work&, const work&) = default;
};

/// Waiting work. Memory for work that may come back is allocated in advance, so only `make_room` can fail.
class work_queue {
  public:
    /// Makes room for `pieces` pieces in total.
    ///
    /// Errors: throws std::bad_alloc; then nothing has changed.
    void make_room(std::size_t pieces) {
        if (pieces > pieces_.capacity())
            pieces_.set_capacity(std::max<std::size_t>({16, pieces, 2 * pieces_.capacity()}));
    }

    bool empty() const noexcept { return pieces_.empty(); }
    std::size_t size() const noexcept { return pieces_.size(); }
    work& front() noexcept { return pieces_.front(); }
    const work& front() const noexcept { return pieces_.front(); }
    void pop_front() noexcept { pieces_.pop_front(); }

    /// Requires: there is room.
    void push_back(const work& what) noexcept { pieces_.push_back(what); }
    void push_front(const work& what) noexcept { pieces_.push_front(what); }

    auto begin() noexcept { return pieces_.begin(); }
    auto end() noexcept { return pieces_.end(); }
    template <class Iterator>
    void erase_from(Iterator first) noexcept {
        pieces_.erase(first, pieces_.end());
    }

  private:
    boost::circular_buffer<work> pieces_;
};

} // namespace procpool::scheduling

#endif
