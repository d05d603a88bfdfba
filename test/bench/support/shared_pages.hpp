// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_SHARED_PAGES_HPP
#define PROCPOOL_BENCH_SHARED_PAGES_HPP

#include <boost/interprocess/anonymous_shared_memory.hpp>
#include <boost/interprocess/mapped_region.hpp>

#include <cstddef>
#include <new>

namespace bench {

/// A `T` that this process shares with its forked copies.
template <class T>
class shared_pages {
  public:
    shared_pages()
        : region_(boost::interprocess::anonymous_shared_memory(sizeof(T)))
        , value_(new (region_.get_address()) T()) {}

    T& operator*() const noexcept { return *value_; }
    T* operator->() const noexcept { return value_; }

  private:
    boost::interprocess::mapped_region region_;
    T* value_;
};

} // namespace bench

#endif
