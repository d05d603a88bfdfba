// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_HANDLES_HPP
#define PROCPOOL_OS_HANDLES_HPP

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>

// The operating system's handle of an open object (memory, event, socket), and its ownership.
namespace procpool::os {

#if defined(_WIN32)
using native_handle = void*;
inline constexpr native_handle no_handle = nullptr;
#else
using native_handle = int;
inline constexpr native_handle no_handle = -1;
#endif

/// Closes `handle`; `no_handle` is allowed, errors are ignored.
void close_handle(native_handle handle) noexcept;

/// The object to which an open handle refers. Code of the program may close descriptors that it does not own,
/// for example all of them, and open files that get their numbers: then the number is still open, but refers
/// to another object.
struct handle_target {
    std::uint64_t device = 0;
    std::uint64_t number = 0; // on the device; all events of Linux have one number
    std::uint32_t type = 0;

    friend bool operator==(const handle_target&, const handle_target&) = default;
};

/// For a handle that is not open, the default target. On Windows all handles have the same target: programs
/// there do not close handles that they have not opened.
handle_target target_of(native_handle handle) noexcept;

/// Owns one handle and closes it.
class unique_handle {
  public:
    unique_handle() noexcept = default;
    explicit unique_handle(native_handle handle) noexcept : handle_(handle) {}
    unique_handle(unique_handle&& other) noexcept : handle_(other.release()) {}
    unique_handle& operator=(unique_handle&& other) noexcept {
        reset(other.release());
        return *this;
    }
    unique_handle(const unique_handle&) = delete;
    unique_handle& operator=(const unique_handle&) = delete;
    ~unique_handle() { close_handle(handle_); }

    native_handle get() const noexcept { return handle_; }
    explicit operator bool() const noexcept { return handle_ != no_handle; }

    native_handle release() noexcept { return std::exchange(handle_, no_handle); }
    void reset(native_handle handle = no_handle) noexcept { close_handle(std::exchange(handle_, handle)); }

  private:
    native_handle handle_ = no_handle;
};

/// Creates a file that only its owner may read and write (on Windows: with the rights of its folder), and
/// writes `bytes`. False: there is something of this name, which is left as it is.
///
/// Errors: throws `boost::system::system_error`; then the file is removed again.
bool write_new_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// In a worker: takes over the handle at `position` of `worker_start::handles`. Processes that the worker
/// starts do not inherit it. On Linux it gets a high number, so that low numbers are free for tasks.
///
/// Requires: called once for each position, in a process that `start_worker` started.
unique_handle inherited_handle(std::size_t position) noexcept;

/// Identifies the object to which a handle refers: equal for the same object in the parent and in the worker.
/// 0 if it is not open. On Windows, handles are identified by their numbers, which the parent has passed: the
/// result is always 1.
std::uint64_t handle_identity(native_handle handle) noexcept;

/// The identity of the handle at `position`.
std::uint64_t inherited_identity(std::size_t position) noexcept;

/// Whether the other end of the socket at `position` has been closed. Always false on Windows, where no
/// worker outlives the process that started it.
///
/// Requires: `inherited_handle` was not called for it.
bool inherited_peer_is_gone(std::size_t position) noexcept;

} // namespace procpool::os

#endif
