// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SHARED_ARRAY_HPP
#define PROCPOOL_SHARED_ARRAY_HPP

#include <procpool/codec.hpp>
#include <procpool/detail/codec/array_memory.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

namespace procpool {

/// A handle on an array in memory that processes share. Copies refer to the same elements, including copies
/// that a task receives or returns:
///
///     procpool::shared_array<double> field(1'000'000);
///     pool.map([](const std::pair<procpool::shared_array<double>, std::size_t>& part) { ... }, parts);
///
/// Sending a handle copies no elements. The elements exist as long as a handle exists in any process or is
/// being sent, independently of pools. A const handle gives access to non-const elements. Pages that were
/// never touched use no memory.
///
/// Thread safety: that of a plain array, across all processes: tasks that write the same element at the same
///                time must use std::atomic_ref or another means of synchronisation.
template <class T>
class shared_array {
    static_assert(
        std::is_trivially_copyable_v<T> && std::is_same_v<T, std::remove_cv_t<T>>,
        "procpool: the elements of a shared_array lie in the memory of several processes, so T must "
        "be trivially copyable and not const; for elements like std::string pass a std::vector, "
        "which is copied");
    static_assert(!std::is_pointer_v<T> && !std::is_member_pointer_v<T>,
                  "procpool: a raw pointer means nothing in another process; keep indices into the "
                  "shared_array in it");
    static_assert(alignof(T) <= detail::array_memory::alignment,
                  "procpool: a shared_array is aligned to 64 bytes; T asks for more");

  public:
    using element_type = T;

    /// Makes an array of size 0.
    shared_array() noexcept = default;

    /// Makes an array of `size` elements whose bytes are 0. A size of 0 makes no memory.
    ///
    /// Errors: throws std::bad_alloc if there is not enough memory or the size in bytes overflows,
    ///         boost::system::system_error if the system has too many shared memory segments (on Linux,
    ///         kernel.shmmni: 4096 for all processes together).
    explicit shared_array(std::size_t size) : memory_(detail::array_memory::create(size, sizeof(T))) {}

    std::span<T> span() const noexcept { return {data(), size()}; }
    /// Null if size() is 0.
    T* data() const noexcept { return memory_ ? reinterpret_cast<T*>(memory_->data()) : nullptr; }
    std::size_t size() const noexcept { return memory_ ? memory_->bytes() / sizeof(T) : 0; }

  private:
    friend struct codec<shared_array>;

    std::shared_ptr<const detail::array_memory> memory_; // null: of size 0
};

/// Sends a reference to the array, and keeps the array alive until the reference was decoded.
template <class T>
struct codec<shared_array<T>> {
    static void encode(encoder& out, const shared_array<T>& value) {
        detail::array_memory::encode(out, value.memory_);
    }
    /// Errors: throws codec_error if the sending process was killed before another process attached the
    ///         array.
    static shared_array<T> decode(decoder& in) {
        shared_array<T> out;
        out.memory_ = detail::array_memory::decode(in, sizeof(T));
        return out;
    }
};

} // namespace procpool

#endif
