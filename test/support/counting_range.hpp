// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_COUNTING_RANGE_HPP
#define PROCPOOL_TEST_COUNTING_RANGE_HPP

#include <cstddef>
#include <iterator>
#include <set>
#include <thread>

// An input that counts the items that were read, and notes the threads that read them.
namespace procpool::test {

/// The numbers from 0, a single-pass range: endless, up to `end`, or up to `broken`, where reading throws.
/// `account` shows how many were read, and by which threads.
class counting {
  public:
    struct account {
        int pulled = 0;
        std::set<std::thread::id> readers;
    };
    explicit counting(account& of, int end = -1, int broken = -1)
        : account_(&of)
        , end_(end)
        , broken_(broken) {}
    counting(counting&&) = default;
    counting& operator=(counting&&) = default;

    class iterator {
      public:
        using value_type = int;
        using difference_type = std::ptrdiff_t;
        explicit iterator(counting& of) : of_(&of) { read(); }
        iterator(iterator&&) = default;
        iterator& operator=(iterator&&) = default;
        int operator*() const { return at_; }
        iterator& operator++() {
            ++at_;
            read();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return at_ == of_->end_; }

      private:
        void read() {
            if (at_ == of_->broken_)
                throw 42; // of any type
            if (at_ == of_->end_)
                return;
            ++of_->account_->pulled;
            of_->account_->readers.insert(std::this_thread::get_id());
        }
        counting* of_;
        int at_ = 0;
    };
    iterator begin() { return iterator(*this); }
    std::default_sentinel_t end() const { return {}; }

  private:
    account* account_;
    int end_;
    int broken_;
};

} // namespace procpool::test

#endif
