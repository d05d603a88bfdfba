// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_COMPLETION_LOG_HPP
#define PROCPOOL_DETAIL_COMPLETION_LOG_HPP

#include <procpool/detail/home_process.hpp>
#include <procpool/detail/result_state.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace procpool::detail {

/// Which of several results are ready, in the order in which they came to be; those that were ready before
/// are first, in their own order. They may belong to different pools.
///
/// Thread safety: `next` in one thread at a time, `note` in any.
class completion_log : public std::enable_shared_from_this<completion_log> {
  public:
    using results = std::vector<boost::intrusive_ptr<result_base>>;

    /// Begins to watch. Errors: throws std::bad_alloc; std::logic_error in a copy that fork() made, if not
    /// all are ready.
    static std::shared_ptr<completion_log> of(results watched);
    /// For `of`.
    explicit completion_log(results watched);

    /// The index of the next one; none at the end, or if the deadline came first.
    /// Errors: throws std::logic_error in a copy that fork() made.
    std::optional<std::size_t> next(deadline until);
    /// Have all been told?
    bool at_end() const noexcept { return told_count_ == results_.size(); }

    /// A result may be ready now. Called by it.
    void note(std::size_t index) noexcept;

    /// Watches no longer.
    void leave() noexcept;

  private:
    /// What a thread waits for: that anything is noted.
    class turn;

    std::optional<std::size_t> take_noted();
    deadline make_overdue_ready();

    const home_process home_;
    results results_;
    std::vector<bool> told_;
    std::size_t told_count_ = 0;
    std::mutex mutex_;
    std::vector<std::size_t> noted_;  // with room for all that can come
    std::size_t taken_ = 0;           // of these
    bool callbacks_are_due_ = false;  // of a result that was noted
    boost::intrusive_ptr<turn> turn_; // null: nobody waits
};

} // namespace procpool::detail

#endif
