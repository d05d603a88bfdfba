// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SHARED_SEGMENTS_HPP
#define PROCPOOL_TEST_SHARED_SEGMENTS_HPP

#include "support/process_control.hpp"
#include "support/process_table.hpp"

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#if !defined(_WIN32)
#include <unistd.h>
#endif

// The system's information about the memory of shared arrays.
namespace procpool::test {

struct segment_entry {
    long id = 0;
    std::uint64_t bytes = 0;
    long creator = 0;
    long attached = 0; // number of mappings
    bool removed = false;
    std::uint64_t bytes_there = 0; // in touched pages
};

/// All segments of this user.
#if defined(_WIN32)
/// Windows has no list of them. Each is gone with the last process that has it mapped, like all mappings.
inline std::vector<segment_entry> shared_segments() {
    return {};
}
#else
inline std::vector<segment_entry> shared_segments() {
    std::vector<segment_entry> out;
    std::ifstream table("/proc/sysvipc/shm");
    std::string line;
    std::getline(table, line); // the heading of the table
    while (std::getline(table, line)) {
        std::istringstream fields(line);
        segment_entry each;
        std::string mode;
        std::string skipped;
        long user = 0;
        fields >> skipped >> each.id >> mode >> each.bytes >> each.creator >> skipped >> each.attached >>
            user;
        for (int field = 0; field != 6; ++field)
            fields >> skipped;
        fields >> each.bytes_there;
        each.removed = (std::stoul(mode, nullptr, 8) & 01000U) != 0;
        if (user == static_cast<long>(::getuid()))
            out.push_back(each);
    }
    return out;
}
#endif

/// The segments that a process has made.
inline std::vector<segment_entry> segments_of(long creator) {
    auto out = shared_segments();
    std::erase_if(out, [&](const segment_entry& each) { return each.creator != creator; });
    return out;
}

/// Whether a process has made this many segments. True where the system has no list of them.
inline bool segments_are([[maybe_unused]] std::size_t count, [[maybe_unused]] long creator = own_pid()) {
#if defined(_WIN32)
    return true;
#else
    return segments_of(creator).size() == count;
#endif
}

/// The ids of the segments that this process has made, and of those without a process.
inline std::vector<long> segments_that_may_be_left() {
    std::vector<long> out;
    for (const auto& each : shared_segments())
        if (each.creator == own_pid() || (each.attached == 0 && !is_alive(each.creator)))
            out.push_back(each.id);
    return out;
}

} // namespace procpool::test

#endif
