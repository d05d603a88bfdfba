// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_BELL_SET_HPP
#define PROCPOOL_POOL_BELL_SET_HPP

#include "os/doorbell.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <deque>

namespace procpool::pooling {

/// The bells of a pool. A delivery that has one of them to ring keeps them all, also when the pool ends
/// before the delivery rings it.
///
/// Thread safety: under the pool's lock. A bell stays where it is; any thread may ring it.
class bell_set : public boost::intrusive_ref_counter<bell_set> {
  public:
    /// Errors: throws boost::system::system_error if there is no descriptor, std::bad_alloc.
    const os::doorbell& add() { return all_.emplace_back(os::doorbell::create(os::doorbell_kind::blocking)); }
    std::size_t size() const noexcept { return all_.size(); }
    /// Closes the newest ones, down to `count`. Requires: they are not used.
    void shrink_to(std::size_t count) noexcept {
        while (all_.size() > count)
            all_.pop_back();
    }

  private:
    std::deque<os::doorbell> all_;
};

using bell_set_ptr = boost::intrusive_ptr<bell_set>;

} // namespace procpool::pooling

#endif
