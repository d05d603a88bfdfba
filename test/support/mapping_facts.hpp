// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_MAPPING_FACTS_HPP
#define PROCPOOL_TEST_MAPPING_FACTS_HPP

#include "os/shared_memory.hpp"

#include <cstddef>
#include <span>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

// What the system knows of a mapped memory, and how to have it refuse some.
namespace procpool::test {

/// Another handle on the same memory, as a worker inherits one.
inline os::shared_memory same_memory(const os::shared_memory& memory) {
    return os::shared_memory::adopt(os::unique_handle(::fcntl(memory.handle(), F_DUPFD_CLOEXEC, 3)));
}

/// Can the first byte be written? Asked of the system, which says so without a signal. Writes a zero.
inline bool can_be_written(std::span<const std::byte> bytes) {
    const int zeros = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
    const auto got = ::read(zeros, const_cast<std::byte*>(bytes.data()), 1);
    ::close(zeros);
    return got == 1;
}

/// Bytes of the memory whose pages are there.
inline std::size_t bytes_there(const os::shared_memory& memory) {
    struct stat status {};
    ::fstat(memory.handle(), &status);
    return static_cast<std::size_t>(status.st_blocks) * 512;
}

/// The system refuses to add pages to this memory until the end of scope.
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

} // namespace procpool::test

#endif
