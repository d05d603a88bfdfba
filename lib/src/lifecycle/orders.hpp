// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_LIFECYCLE_ORDERS_HPP
#define PROCPOOL_LIFECYCLE_ORDERS_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <new>
#include <utility>
#include <vector>

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

/// What the io_context's thread is to do. Giving an order needs no memory.
///
/// Thread safety: under the pool's lock, except `seen`.
class orders {
  public:
    /// The pending orders of a place, carried out in this order.
    struct of_place {
        bool start = false;
        bool initialized = false; // ended with `initializer_error`
        bool expect_end = false;
        bool kill = false;
        std::uint64_t stop_item = 0; // 0: none
        bool give_back = false;
        std::uint64_t give_back_frame = 0;
        std::uint64_t ask_stack = 0; // the number of the request; 0: none
        bool abandon = false;
        std::exception_ptr initializer_error;
    };
    /// The pending orders that concern no single place.
    struct of_pool {
        bool set_clock = false;
        bool end_workers = false;
        bool read_output = false;     // lines were passed on: there may be room for others
        bool carry_out_later = false; // something that the scheduler has decided could not be done
    };

    /// `wake` makes the io_context's thread carry the orders out. It is called under the pool's lock, and not
    /// again before `seen`. It must not throw.
    explicit orders(std::function<void()> wake) : wake_(std::move(wake)) {}
    orders(const orders&) = delete;
    orders& operator=(const orders&) = delete;

    /// Errors: throws std::bad_alloc.
    void grow_to(std::size_t places);
    std::size_t places() const noexcept { return places_.size(); }

    /// The orders to be changed: they are carried out when the lock is released.
    of_place& give(std::size_t place) noexcept;
    of_pool& give() noexcept;

    /// Called before the orders are carried out: orders that are given later wake the thread again.
    void seen() noexcept { announced_.store(false, std::memory_order_release); }
    /// Takes the orders of a place, except `abandon`, which stays until it has been carried out.
    of_place take(std::size_t place) noexcept;
    /// The process at a place is gone, and its orders with it.
    void forget(std::size_t place) noexcept { places_[place] = {}; }
    /// The orders, to be read, or to be cleared when they have been carried out.
    of_place& given(std::size_t place) noexcept { return places_[place]; }
    of_pool& given() noexcept { return pool_; }

  private:
    void announce() noexcept;

    std::function<void()> wake_;
    std::vector<of_place> places_;
    of_pool pool_;
    std::atomic<bool> announced_{false};
};

} // namespace procpool::pooling

#endif
