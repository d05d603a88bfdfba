// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_NOTHING_LEFT_BEHIND_HPP
#define PROCPOOL_TEST_NOTHING_LEFT_BEHIND_HPP

#include "support/eventually.hpp"
#include "support/open_descriptors.hpp"
#include "support/process_table.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#if defined(__SANITIZE_THREAD__)
#define PROCPOOL_TEST_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PROCPOOL_TEST_THREAD_SANITIZER 1
#endif
#endif

// Whether a test left anything of a pool: in this process, or in the system.
namespace procpool::test {

/// What this process has that a pool could leave behind.
struct belongings {
    std::vector<long> children;
    std::vector<int> descriptors;
    std::size_t threads = 0;
    std::size_t shared_mappings = 0;
    std::vector<std::string> shared_names; // in /dev/shm

    friend bool operator==(const belongings&, const belongings&) = default;

    static belongings now() {
        namespace fs = std::filesystem;
        belongings out;
        out.children = children_of(::getpid());
        out.descriptors = open_descriptors();
        out.threads = static_cast<std::size_t>(
            std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator()));
        std::ifstream maps("/proc/self/maps");
        for (std::string line; std::getline(maps, line);)
            out.shared_mappings += line.find("procpool (deleted)") != std::string::npos;
        std::error_code none;
        for (const auto& each : fs::directory_iterator("/dev/shm", none))
            if (each.path().filename().string().find("procpool") != std::string::npos)
                out.shared_names.push_back(each.path().filename());
        std::sort(out.shared_names.begin(), out.shared_names.end());
        return out;
    }
};

/// A fixture: after the test this process has what it had before. The memory, the descriptors and the
/// processes of a pool are gone when its destructor returns; only the system may take a moment to show it.
class nothing_left_behind {
  public:
    nothing_left_behind() {
        std::thread([] {}).join(); // with the first, a sanitizer starts one of its own
        before_ = belongings::now();
    }
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
    }

  private:
<<<<<<< Updated upstream
    belongings before_;
=======
    static belongings before_the_test() {
#if PROCPOOL_TEST_THREAD_SANITIZER
        // It starts a thread of its own with the program's first.
        static const bool started = [] {
            std::thread([] {}).join();
            return eventually([] { return belongings::now().threads <= 2; });
        }();
        BOOST_TEST_REQUIRE(started);
#endif
        return belongings::now();
    }

    belongings before_ = before_the_test();
>>>>>>> Stashed changes
};

/// All mappings of this process, whatever they are for. The allocator and the C library keep some for later.
inline std::size_t mapping_count() {
    std::ifstream maps("/proc/self/maps");
    std::size_t lines = 0;
    for (std::string line; std::getline(maps, line);)
        ++lines;
    return lines;
}

} // namespace procpool::test

#endif
