// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CODEC_ARRAY_REUSE_HPP
#define PROCPOOL_CODEC_ARRAY_REUSE_HPP

#include <procpool/detail/codec/array_memory.hpp>

#include <array>
#include <cstddef>
#include <memory>

namespace procpool::channel {

/// While an object of this class exists, the memories of the shared_arrays that were decoded last in this
/// thread stay attached: items of a frame often refer to the same array, and attaching and detaching takes
/// longer than many items.
///
/// Thread safety: made and destroyed by one thread, one at a time.
class array_reuse {
  public:
    array_reuse() noexcept;
    array_reuse(const array_reuse&) = delete;
    array_reuse& operator=(const array_reuse&) = delete;
    ~array_reuse();

    /// The object of this thread; null if there is none.
    static array_reuse* current() noexcept;
    void keep(const std::shared_ptr<const detail::array_memory>& memory) {
        for (const auto& each : last_)
            if (each == memory)
                return;
        last_[next_++ % last_.size()] = memory;
    }

  private:
    std::array<std::shared_ptr<const detail::array_memory>, 2> last_;
    std::size_t next_ = 0;
};

} // namespace procpool::channel

#endif
