// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_LINK_TABLE_HPP
#define PROCPOOL_POOL_LINK_TABLE_HPP

#include "pool/bell_set.hpp"
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

    explicit link_table(bell_set& bells) : bells_(&bells) {}

    std::size_t size() const noexcept { return owned_.size(); }
    worker_link& operator[](std::size_t place) const noexcept { return *owned_[place]; }
    links::const_iterator begin() const noexcept { return current()->begin(); }
    links::const_iterator end() const noexcept { return current()->end(); }

    /// Errors: throws boost::system::system_error if there is no descriptor for a doorbell, std::bad_alloc;
    ///         then nothing has changed.
    void grow_to(std::size_t places) {
        if (places <= size())
            return;
        struct without_more {
            bell_set& bells;
            const std::size_t before = bells.size();
            bool happens = true;
            ~without_more() {
                if (happens)
                    bells.shrink_to(before);
            }
        } unless_it_grows{*bells_};
        std::vector<std::unique_ptr<worker_link>> more;
        auto grown = std::make_unique<links>();
        grown->reserve(places);
        for (const auto& each : owned_)
            grown->push_back(each.get());
        while (grown->size() < places) {
            more.push_back(std::make_unique<worker_link>(*bells_));
            grown->push_back(more.back().get());
        }
        owned_.reserve(grown->size());
        generations_.reserve(generations_.size() + 1);
        // Nothing below can fail.
        unless_it_grows.happens = false;
        std::move(more.begin(), more.end(), std::back_inserter(owned_));
        current_.store(grown.get(), std::memory_order_release);
        generations_.push_back(std::move(grown));
    }

    /// Removes all links. Requires: no thread looks at them.
    void clear() noexcept {
        current_.store(&none_, std::memory_order_release);
        generations_.clear();
        owned_.clear();
    }

    /// Whether any link has something to drain.
    bool peek() const noexcept {
        const auto& all = *current();
        return std::any_of(all.begin(), all.end(), [](const auto* link) { return link->peek(); });
    }

  private:
    const links* current() const noexcept { return current_.load(std::memory_order_acquire); }

    bell_set* bells_;
    std::vector<std::unique_ptr<worker_link>> owned_{};
    std::vector<std::unique_ptr<const links>> generations_{}; // all: a thread may still read an old one
    const links none_{};
    std::atomic<const links*> current_{&none_};
};

} // namespace procpool::pooling

#endif
