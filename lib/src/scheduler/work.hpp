// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SCHEDULER_WORK_HPP
#define PROCPOOL_SCHEDULER_WORK_HPP

#include <boost/circular_buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <tuple>

namespace procpool::scheduling {

/// Identifies a call; its meaning is up to the owner.
using call_id = std::uintptr_t;

/// The `worker` of work that any worker may run.
inline constexpr std::uint32_t any_worker = std::numeric_limits<std::uint32_t>::max();

/// The lowest priority of all.
inline constexpr int lowest_priority = std::numeric_limits<int>::min();

/// Items [first, first + items) of a call, which a worker gets as one frame.
struct work {
    call_id call = 0;
    std::uint32_t first = 0;
    std::uint32_t items = 0;
    std::uint32_t worker = any_worker; // the only one that may run it
    int priority = 0;
    std::uint64_t order = 0; // of submission; set by the scheduler
    bool at_once = false;    // pinned work that does not wait for earlier work which others could run

    bool pinned() const noexcept { return worker != any_worker; }
    work part(std::uint32_t from, std::uint32_t count) const noexcept {
        auto out = *this;
        out.first = from;
        out.items = count;
        return out;
    }
    /// Whether `other` is to be started before this.
    bool comes_after(const work& other) const noexcept {
        return std::tuple(other.priority, order, first) > std::tuple(priority, other.order, other.first);
    }

    /// Whether both are the same items. The order of submission follows from the call.
    friend bool operator==(const work& a, const work& b) noexcept {
        return a.call == b.call && a.first == b.first && a.items == b.items && a.worker == b.worker &&
               a.priority == b.priority;
    }
};

/// Waiting work. Memory for work that may come back is allocated in advance, so only `make_room` can fail.
///
/// At first, its order is that in which it was put in. Ordered by priority, it is a heap.
///
/// Complexity: O(1); ordered by priority, O(log(size)).
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
    /// The number of items, counted until there are this many.
    std::uint64_t items_up_to(std::uint64_t enough) const noexcept {
        std::uint64_t out = 0;
        for (auto it = pieces_.begin(); it != pieces_.end() && out < enough; ++it)
            out += it->items;
        return out;
    }
    work& front() noexcept { return pieces_.front(); }
    const work& front() const noexcept { return pieces_.front(); }
    void pop_front() noexcept {
        if (!by_priority_) {
            pieces_.pop_front();
            return;
        }
        std::pop_heap(pieces_.begin(), pieces_.end(), comes_after);
        pieces_.pop_back();
    }

    /// Adds work, at the place that its priority and its order require, else at the back or at the front.
    ///
    /// Requires: there is room.
    void push_back(const work& what) noexcept {
        pieces_.push_back(what);
        if (by_priority_)
            std::push_heap(pieces_.begin(), pieces_.end(), comes_after);
    }
    void push_front(const work& what) noexcept {
        if (by_priority_)
            push_back(what);
        else
            pieces_.push_front(what);
    }

    template <class Unwanted>
    void remove_if(Unwanted unwanted) {
        pieces_.erase(std::remove_if(pieces_.begin(), pieces_.end(), unwanted), pieces_.end());
        if (by_priority_)
            order_by_priority();
    }

    /// From now on the front is the work of the highest priority, and among equals the one submitted first.
    void order_by_priority() noexcept {
        by_priority_ = true;
        std::make_heap(pieces_.begin(), pieces_.end(), comes_after);
    }
    /// The opposite. Requires: empty.
    void order_by_position() noexcept { by_priority_ = false; }

  private:
    static bool comes_after(const work& a, const work& b) noexcept { return a.comes_after(b); }

    boost::circular_buffer<work> pieces_;
    bool by_priority_ = false;
};

} // namespace procpool::scheduling

#endif
