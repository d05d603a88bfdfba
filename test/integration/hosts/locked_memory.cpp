// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/host_programs.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

// Pools in programs that lock all their memory, so that they never wait for a page. The limit on locked
// memory always applies: a mistake then is an error, and does not take all memory of the machine. A child
// plays each program; its last word is "done".
using namespace procpool::test;

namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

/// Not the locked memory, which includes address space that an allocator keeps without touching it.
std::size_t resident_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:"))
            return std::stoul(line.substr(6)) * 1024;
    return 0;
}

/// Locks the memory of this process. False, with the reason: not permitted. An address space of some GiB is
/// too much for the test, but not for the machine.
bool lock_memory() {
    const rlimit space{4096 * mebibyte, RLIM_INFINITY};
    ::setrlimit(RLIMIT_AS, &space);
    rlimit most{};
    ::getrlimit(RLIMIT_MEMLOCK, &most);
    const rlimit raised{most.rlim_max, most.rlim_max};
    ::setrlimit(RLIMIT_MEMLOCK, &raised);
    constexpr ::rlim_t enough = 256 * mebibyte; // for stacks of threads
    if ((::geteuid() == 0 || most.rlim_max >= enough) && ::mlockall(MCL_CURRENT | MCL_FUTURE) == 0)
        return true;
    say("not locked: the limit is " + std::to_string(most.rlim_max) + " bytes\n");
    return false;
}

void lock_first() {
    if (!lock_memory())
        return;
    const auto before = resident_bytes();
    {
        procpool::pool pool(2);
        use(pool);
        expect(resident_bytes() < before + 512 * mebibyte,
               "a pool costs some MB"); // mostly stacks of threads
        pool.close();
        pool.join();
    }
}

const std::map<std::string, std::function<void()>> scripts{
    {"locks first", lock_first},
};

int play(const std::string& script) {
    scripts.at(script)();
    say("done\n");
    return 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(locked_memory, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_pool_costs_some_megabytes_where_all_memory_is_locked) {
    const auto answer = answer_to("locks first");
    if (answer.starts_with("not locked"))
        BOOST_TEST_MESSAGE(answer); // the limit is low and cannot be raised
    else
        BOOST_TEST(answer == "done\n");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
