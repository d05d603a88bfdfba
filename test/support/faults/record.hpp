// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_FAULTS_RECORD_HPP
#define PROCPOOL_TEST_FAULTS_RECORD_HPP

#include "os/fault_point.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

// The memory that a test, the parent that it starts, and the parent's workers share: the planned fault, and
// the tasks that have run. It survives the death of all processes but the test.
namespace procpool::test::faults {

/// The content of the file that os::fault_plan_variable names.
struct record {
    static constexpr std::size_t max_tasks = 256;

    os::fault_plan plan; // at the start, where the library expects it
    std::atomic<std::uint32_t> runs[max_tasks]{};
    std::atomic<std::uint32_t> gate_open{0}; // see tasks.hpp

    std::uint32_t runs_together() const noexcept {
        std::uint32_t sum = 0;
        for (const auto& each : runs)
            sum += each;
        return sum;
    }
};

/// A record mapped from its file.
class mapped_record {
  public:
    /// Creates the file, filled with zeros, if it does not exist.
    explicit mapped_record(const std::string& path) {
        const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        const bool sized = ::ftruncate(file, sizeof(record)) == 0;
        memory_ = ::mmap(nullptr, sizeof(record), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        ::close(file);
        if (!sized || memory_ == MAP_FAILED)
            throw std::runtime_error("cannot map " + path);
    }
    mapped_record(const mapped_record&) = delete;
    mapped_record& operator=(const mapped_record&) = delete;
    ~mapped_record() { ::munmap(memory_, sizeof(record)); }

    record* operator->() const noexcept { return static_cast<record*>(memory_); }

  private:
    void* memory_ = nullptr;
};

/// The record of this process: the parent or a worker.
inline const mapped_record& own_record() {
    static const mapped_record mapped(std::getenv(os::fault_plan_variable));
    return mapped;
}

} // namespace procpool::test::faults

#endif
