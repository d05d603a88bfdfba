// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_MAPPING_FACTS_HPP
#define PROCPOOL_TEST_MAPPING_FACTS_HPP

#include "os/memory.hpp"

#include <cstddef>
#include <span>

#if defined(_WIN32)
#include <boost/interprocess/mapped_region.hpp>

#include <windows.h>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

// What the system reports about a mapped memory, and how to make the system refuse memory.
namespace procpool::test {

#if defined(_WIN32)

/// Another handle on the same memory, as a worker inherits one.
inline os::unique_handle same_handle(os::native_handle handle) {
    const HANDLE self = ::GetCurrentProcess();
    HANDLE copy = nullptr;
    ::DuplicateHandle(self, handle, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    return os::unique_handle(copy);
}

/// Whether children inherit the handle only on request.
inline bool is_not_inherited(os::native_handle handle) {
    DWORD flags = 0;
    return ::GetHandleInformation(handle, &flags) != 0 && (flags & HANDLE_FLAG_INHERIT) == 0;
}

/// Whether the first byte can be written.
inline bool can_be_written(std::span<const std::byte> bytes) {
    MEMORY_BASIC_INFORMATION about{};
    ::VirtualQuery(bytes.data(), &about, sizeof about);
    // AllocationProtect is the future protection of reserved pages.
    return ((about.State == MEM_COMMIT ? about.Protect : about.AllocationProtect) & PAGE_READWRITE) != 0;
}

/// Bytes of the memory that the system has committed.
inline std::size_t bytes_there(const os::shared_memory& memory) {
    const boost::interprocess::mapped_region view(memory, boost::interprocess::read_only);
    const auto* const begin = static_cast<const char*>(view.get_address());
    std::size_t bytes = 0;
    MEMORY_BASIC_INFORMATION about{};
    for (std::size_t at = 0; at < view.get_size(); at += about.RegionSize) {
        if (::VirtualQuery(begin + at, &about, sizeof about) == 0)
            break;
        if (about.State == MEM_COMMIT)
            bytes += about.RegionSize;
    }
    return bytes;
}

#else

/// Another handle on the same memory, as a worker inherits one.
inline os::unique_handle same_handle(os::native_handle handle) {
    return os::unique_handle(::fcntl(handle, F_DUPFD_CLOEXEC, 3));
}

/// Whether children inherit the handle only on request.
inline bool is_not_inherited(os::native_handle handle) {
    return ::fcntl(handle, F_GETFD) == FD_CLOEXEC;
}

/// Whether the first byte can be written. The system call fails without a signal. Writes a zero.
inline bool can_be_written(std::span<const std::byte> bytes) {
    const int zeros = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
    const auto got = ::read(zeros, const_cast<std::byte*>(bytes.data()), 1);
    ::close(zeros);
    return got == 1;
}

/// Bytes of the memory that have pages.
inline std::size_t bytes_there(const os::shared_memory& memory) {
    struct stat status {};
    ::fstat(memory.handle(), &status);
    return static_cast<std::size_t>(status.st_blocks) * 512;
}

/// Makes the system refuse to add pages to this memory, until the end of the scope.
class no_more_memory {
  public:
    explicit no_more_memory(const os::shared_memory& memory)
        : descriptor_(memory.handle())
        , saved_(::fcntl(descriptor_, F_DUPFD_CLOEXEC, 3)) {
        const int other = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        ::dup3(other, descriptor_, O_CLOEXEC);
        ::close(other);
    }
    no_more_memory(const no_more_memory&) = delete;
    no_more_memory& operator=(const no_more_memory&) = delete;
    ~no_more_memory() {
        ::dup3(saved_, descriptor_, O_CLOEXEC);
        ::close(saved_);
    }

  private:
    int descriptor_;
    int saved_;
};

#endif

inline os::shared_memory same_memory(const os::shared_memory& memory) {
    return os::shared_memory::adopt(same_handle(memory.handle()));
}

} // namespace procpool::test

#endif
