// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_IN_PROCESS_WORK_QUEUE_HPP
#define PROCPOOL_IN_PROCESS_WORK_QUEUE_HPP

#include <procpool/detail/call/job.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>

namespace procpool::in_process {

/// Consecutive items of a job, and their place in the order in which items start.
struct piece {
    detail::job* of = nullptr;
    std::uint32_t first = 0;
    std::uint32_t items = 0;
    int priority = 0;
    std::uint64_t submission = 0; // how many jobs were submitted before
    std::size_t worker = 0;       // index of the worker that would run it
};

/// Higher priorities first; equal ones in the order of submission.
constexpr bool comes_before(const piece& one, const piece& other) noexcept {
    if (one.priority != other.priority)
        return one.priority > other.priority;
    if (one.submission != other.submission)
        return one.submission < other.submission;
    return one.first < other.first;
}

/// The work that has not started, in order. Pieces are moved in and out together with their memory, so that
/// only making them can fail.
///
/// Thread safety: under the pool's lock.
/// Complexity:    adding takes constant time for work that comes last, else it is linear.
class work_queue {
  public:
    using pieces = std::list<piece>;

    bool empty() const noexcept { return all_.empty(); }
    /// Requires: not empty.
    const piece& front() const noexcept { return all_.front(); }

    /// Takes over all of `what`; each gets its place.
    void add(pieces& what) noexcept {
        while (!what.empty()) {
            auto at = all_.end();
            while (at != all_.begin() && comes_before(what.front(), *std::prev(at)))
                --at;
            all_.splice(at, what, what.begin());
        }
    }
    /// Moves the first piece to the end of `to`. Requires: not empty.
    void take_front(pieces& to) noexcept { all_.splice(to.end(), all_, all_.begin()); }
    /// Moves the first piece for which `wanted` is true to the end of `to`. False: there is none.
    template <class Wanted>
    bool take_first_if(Wanted wanted, pieces& to) noexcept {
        const auto at = std::find_if(all_.begin(), all_.end(), wanted);
        if (at == all_.end())
            return false;
        to.splice(to.end(), all_, at);
        return true;
    }
    /// Moves the pieces for which `wanted` is true to the end of `to`.
    template <class Wanted>
    void take_if(Wanted wanted, pieces& to) noexcept {
        for (auto at = all_.begin(); at != all_.end();) {
            const auto each = at++;
            if (wanted(*each))
                to.splice(to.end(), all_, each);
        }
    }

  private:
    pieces all_;
};

} // namespace procpool::in_process

#endif
