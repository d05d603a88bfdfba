// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_ORDER_SLOT_HPP
#define PROCPOOL_POOL_ORDER_SLOT_HPP

#include <atomic>
#include <cstddef>
#include <new>
#include <utility>

namespace procpool::pooling {

/// Memory for one posted handler, so that posting it allocates nothing.
///
/// Requires: a handler is posted only after the previous one was called.
class order_slot {
  public:
    template <class T>
    class allocator {
      public:
        using value_type = T;

        explicit allocator(order_slot& slot) noexcept : slot_(&slot) {}
        template <class U>
        allocator(const allocator<U>& other) noexcept : slot_(&other.slot()) {}

        T* allocate(std::size_t count) {
            if (count * sizeof(T) <= sizeof slot_->bytes_ && alignof(T) <= alignof(std::max_align_t) &&
                !slot_->used_.exchange(true, std::memory_order_acquire))
                return reinterpret_cast<T*>(slot_->bytes_);
            return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t(alignof(T))));
        }
        void deallocate(T* what, std::size_t) noexcept {
            if (static_cast<void*>(what) == slot_->bytes_)
                slot_->used_.store(false, std::memory_order_release);
            else
                ::operator delete(what, std::align_val_t(alignof(T)));
        }
        order_slot& slot() const noexcept { return *slot_; }

        template <class U>
        friend bool operator==(const allocator& a, const allocator<U>& b) noexcept {
            return &a.slot() == &b.slot();
        }

      private:
        order_slot* slot_;
    };

    /// A handler that calls `body`, and is stored here.
    template <class Body>
    struct handler {
        using allocator_type = allocator<std::byte>;
        allocator_type get_allocator() const noexcept { return allocator_type(*slot); }
        void operator()() { body(); }

        order_slot* slot;
        Body body;
    };
    template <class Body>
    handler<Body> keep(Body body) noexcept {
        return {this, std::move(body)};
    }

  private:
    alignas(std::max_align_t) std::byte bytes_[256];
    std::atomic<bool> used_{false};
};

} // namespace procpool::pooling

#endif
