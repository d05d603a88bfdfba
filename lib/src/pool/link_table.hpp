// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_LINK_TABLE_HPP
#define PROCPOOL_POOL_LINK_TABLE_HPP

#include "pool/worker_link.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <memory>
#include <vector>

namespace procpool::pooling {

/// The links of all places of a pool. The table only grows, while collecting threads read it.
///
/// Thread safety: under the pool's lock, except `peek`, which any thread may call.
class link_table {
  public:
    using links = std::vector<worker_link*>;

    std::size_t size() const noexcept { return owned_.size(); }
    worker_link& operator[](std::size_t place) const noexcept { return *owned_[place]; }
    links::const_iterator begin() const noexcept { return current()->begin(); }
    links::const_iterator end() const noexcept { return current()->end(); }

    /// Errors: throws boost::system::system_error if there is no descriptor for a doorbell, std::bad_alloc;
    ///         then nothing has changed.
    void grow_to(std::size_t places) {
        if (places <= size())
            return;
        std::vector<std::unique_ptr<worker_link>> more;
        auto grown = std::make_unique<links>();
        grown->reserve(places);
        for (const auto& each : owned_)
            grown->push_back(each.get());
        while (grown->size() < places) {
            more.push_back(std::make_unique<worker_link>());
            grown->push_back(more.back().get());
        }
        owned_.reserve(grown->size());
        generations_.reserve(generations_.size() + 1);
        // Nothing below can fail.
        std::move(more.begin(), more.end(), std::back_inserter(owned_));
        current_.store(grown.get(), std::memory_order_release);
        generations_.push_back(std::move(grown));
    }

    /// Whether any link has something to drain.
    bool peek() const noexcept {
        const auto& all = *current();
        return std::any_of(all.begin(), all.end(), [](const auto* link) { return link->peek(); });
    }

  private:
    const links* current() const noexcept { return current_.load(std::memory_order_acquire); }

    std::vector<std::unique_ptr<worker_link>> owned_;
    std::vector<std::unique_ptr<const links>> generations_{}; // all: a thread may still read an old one
    std::atomic<const links*> current_{nullptr};
};

} // namespace procpool::pooling

#endif
