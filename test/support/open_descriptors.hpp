// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_OPEN_DESCRIPTORS_HPP
#define PROCPOOL_TEST_OPEN_DESCRIPTORS_HPP

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#if defined(_WIN32)
#include <windows.h>
#else
#include <dirent.h>
#include <stdlib.h>
#endif

// Checks that a test leaves no descriptors open.
namespace procpool::test {

#if defined(_WIN32)
/// The number of open handles of this process; their values have no meaning here.
inline std::vector<int> open_descriptors() {
    DWORD handles = 0;
    ::GetProcessHandleCount(::GetCurrentProcess(), &handles);
    return {static_cast<int>(handles)};
}
#else
/// The open descriptors of this process, in order.
inline std::vector<int> open_descriptors() {
    std::vector<int> result;
    DIR* const folder = ::opendir("/proc/self/fd");
    while (const dirent* const entry = ::readdir(folder)) {
        const int descriptor = ::atoi(entry->d_name);
        if (entry->d_name[0] != '.' && descriptor != ::dirfd(folder))
            result.push_back(descriptor);
    }
    ::closedir(folder);
    std::sort(result.begin(), result.end());
    return result;
}
#endif

/// The number of descriptors, or handles, of this process.
inline std::size_t descriptor_count() {
    const auto all = open_descriptors();
#if defined(_WIN32)
    return static_cast<std::size_t>(all.front());
#else
    return all.size();
#endif
}

/// A fixture: after the test the same descriptors are open as before.
class same_descriptors_after {
  public:
    same_descriptors_after() = default;
    same_descriptors_after(const same_descriptors_after&) = delete;
    same_descriptors_after& operator=(const same_descriptors_after&) = delete;
    ~same_descriptors_after() { BOOST_TEST(open_descriptors() == before_, boost::test_tools::per_element()); }

  private:
    std::vector<int> before_ = open_descriptors();
};

} // namespace procpool::test

#endif
