// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_NOTHING_LEFT_BEHIND_HPP
#define PROCPOOL_TEST_NOTHING_LEFT_BEHIND_HPP

#include "support/eventually.hpp"
#include "support/open_descriptors.hpp"
#include "support/process_control.hpp"
#include "support/process_table.hpp"
#include "support/shared_segments.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#if defined(_WIN32)
#include <windows.h>
#else
#include <unistd.h>
#endif

// Checks that a test leaves nothing of a pool behind, in this process or in the system.
namespace procpool::test {

/// The resources of this process that a pool could leave behind. On Windows only the children are checked:
/// for Asio's waits, the system itself opens handles and starts threads, and keeps them.
struct belongings {
    std::vector<long> children;
    std::vector<int> descriptors;
    std::size_t threads = 0;
    std::size_t shared_mappings = 0;
    std::vector<std::string> shared_names; // in /dev/shm
    std::vector<long> shared_segments;     // of shared arrays

    friend bool operator==(const belongings&, const belongings&) = default;

    static belongings now() {
        belongings out;
        out.children = children_of(own_pid());
#if !defined(_WIN32)
        namespace fs = std::filesystem;
        out.descriptors = open_descriptors();
        out.threads = static_cast<std::size_t>(
            std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator()));
        std::ifstream maps("/proc/self/maps");
        for (std::string line; std::getline(maps, line);)
            out.shared_mappings += line.find("/memfd:procpool") != std::string::npos ||
                                   line.find("/SYSV") != std::string::npos;
        std::error_code none;
        for (const auto& each : fs::directory_iterator("/dev/shm", none))
            if (each.path().filename().string().find("procpool") != std::string::npos)
                out.shared_names.push_back(each.path().filename().string());
        std::sort(out.shared_names.begin(), out.shared_names.end());
#endif
        out.shared_segments = segments_that_may_be_left();
        return out;
    }

    /// The state to compare with later. The first thread of a process also starts a thread of the sanitizer.
    static belongings after_a_thread() {
#if !defined(_WIN32)
        long thread = 0;
        std::thread([&] { thread = ::gettid(); }).join();
        // The system may show a thread for a moment after it was joined.
        const auto shown = "/proc/self/task/" + std::to_string(thread);
        static_cast<void>(eventually([&] { return !std::filesystem::exists(shown); }));
#endif
        return now();
    }
};

/// A fixture: after the test this process has the same resources as before. The memory, the descriptors and
/// the processes of a pool are gone when its destructor returns; only the system's view of them may lag
/// behind.
class nothing_left_behind {
  public:
    nothing_left_behind() : before_(belongings::after_a_thread()) {}
    nothing_left_behind(const nothing_left_behind&) = delete;
    nothing_left_behind& operator=(const nothing_left_behind&) = delete;
    ~nothing_left_behind() {
        static_cast<void>(eventually([&] { return belongings::now() == before_; }, std::chrono::seconds(2)));
        const auto after = belongings::now();
        BOOST_TEST(after.children == before_.children, boost::test_tools::per_element());
        BOOST_TEST(after.descriptors == before_.descriptors, boost::test_tools::per_element());
        BOOST_TEST(after.threads == before_.threads);
        BOOST_TEST(after.shared_mappings == before_.shared_mappings);
        BOOST_TEST(after.shared_names == before_.shared_names, boost::test_tools::per_element());
        BOOST_TEST(after.shared_segments == before_.shared_segments, boost::test_tools::per_element());
    }

  private:
    belongings before_;
};

/// All mappings of this process, for any purpose. The allocator and the C library keep some for later use.
inline std::size_t mapping_count() {
    std::size_t count = 0;
#if defined(_WIN32)
    MEMORY_BASIC_INFORMATION each{};
    for (const char* at = nullptr; ::VirtualQuery(at, &each, sizeof each) != 0;
         at = static_cast<const char*>(each.BaseAddress) + each.RegionSize)
        count += each.State != MEM_FREE && each.BaseAddress == each.AllocationBase;
#else
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);)
        ++count;
#endif
    return count;
}

} // namespace procpool::test

#endif
