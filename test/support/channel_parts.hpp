// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_CHANNEL_PARTS_HPP
#define PROCPOOL_TEST_CHANNEL_PARTS_HPP

#include "channel/layout.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <vector>

// The parts of a channel's memory without shared memory.
namespace procpool::test {

/// Bytes on the heap, aligned like a mapping, of exactly this size: a step outside is seen by
/// AddressSanitizer.
class part {
  public:
    explicit part(std::size_t size) : bytes_(static_cast<std::byte*>(::operator new[](size, alignment))) {
        view_ = {bytes_.get(), size};
        std::memset(view_.data(), 0, view_.size());
    }

    std::span<std::byte> view() const noexcept { return view_; }
    template <class T>
    void put(std::size_t offset, const T& value) const {
        std::memcpy(view_.data() + offset, &value, sizeof value);
    }

  private:
    static constexpr std::align_val_t alignment{channel::cache_line};
    struct release {
        void operator()(std::byte* memory) const noexcept { ::operator delete[](memory, alignment); }
    };

    std::unique_ptr<std::byte[], release> bytes_;
    std::span<std::byte> view_;
};

inline bool lies_in(std::span<const std::byte> what, std::span<const std::byte> where) {
    const std::less_equal<const std::byte*> not_after;
    return not_after(where.data(), what.data()) &&
           not_after(what.data() + what.size(), where.data() + where.size());
}

inline bool same_bytes(std::span<const std::byte> a, std::span<const std::byte> b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

/// Bytes that depend on `seed` and differ from byte to byte.
inline std::vector<std::byte> pattern(std::size_t size, std::uint64_t seed) {
    std::vector<std::byte> out(size);
    auto state = seed * 0x9e37'79b9'7f4a'7c15 + 1;
    for (auto& each : out) {
        state = state * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
        each = static_cast<std::byte>(state >> 56);
    }
    return out;
}

} // namespace procpool::test

#endif
