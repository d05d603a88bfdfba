// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_FRAME_RUN_HPP
#define PROCPOOL_DETAIL_FRAME_RUN_HPP

#include <procpool/encoder.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>

namespace procpool::detail {

/// A frame while a worker runs it: where a task's runner gets items from and leaves what became of them.
///
/// For every item that `next` gives, the runner leaves exactly one value or exception, in the order of the
/// items: before it asks again, unless the job `gathers` (job.hpp).
class frame_run {
  public:
    /// The function object, and the arguments of all items one behind the other.
    virtual std::span<const std::byte> function() const noexcept = 0;
    virtual std::span<const std::byte> arguments() const noexcept = 0;

    /// Claims the next item; items come in order. False: there are no more, or the parent took them back.
    virtual bool next(std::uint32_t& item) = 0;

    /// Is there a limit to the time that an item may take? Then its outcome is to be left at once.
    virtual bool timed() const noexcept = 0;

    /// A result of a fixed size: write `size` bytes there, then call `packed`. `size` may be 0.
    virtual std::byte* packed_room(std::uint32_t item, std::size_t size) = 0;
    virtual void packed(std::size_t size) noexcept = 0;

    /// A result of any size: write it to the encoder, then call `end_value`. Writing may throw; then call
    /// `abandon_value` and leave an exception.
    virtual encoder& begin_value(std::uint32_t item) = 0;
    virtual void end_value() = 0;
    virtual void abandon_value() = 0;

    /// The item ended in an exception.
    virtual void failed(std::uint32_t item, const std::exception_ptr& why) = 0;

  protected:
    ~frame_run() = default;
};

} // namespace procpool::detail

#endif
