// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/host_programs.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

// Pools in programs that lock all their memory, so as never to wait for a page. Never with the right to lock
// more than the limit: a mistake then is an error, and does not take all memory of the machine. A child plays
// each program; its last word is "done".
using namespace procpool::test;

namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

/// What is locked counts address space too that an allocator keeps without touching it.
std::size_t resident_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:"))
            return std::stoul(line.substr(6)) * 1024;
    return 0;
}

/// False, with the reason, where the limit does not leave room for stacks of threads.
bool lock_memory_as_a_user_may(int what) {
    constexpr ::rlim_t enough = 1024 * mebibyte;
    constexpr ::uid_t nobody = 65534;
    rlimit limit{};
    ::getrlimit(RLIMIT_MEMLOCK, &limit);
    limit = ::geteuid() == 0 ? rlimit{enough, enough} : rlimit{limit.rlim_max, limit.rlim_max};
    ::setrlimit(RLIMIT_MEMLOCK, &limit);
    const bool is_user = ::geteuid() != 0 || ::seteuid(nobody) == 0;
    if (is_user && limit.rlim_cur >= 256 * mebibyte && ::mlockall(what) == 0)
        return true;
    say("not locked: " + std::string(std::strerror(errno)) + ", limit " + std::to_string(limit.rlim_cur) +
        '\n');
    return false;
}

void lock_first() {
    if (!lock_memory_as_a_user_may(MCL_CURRENT | MCL_FUTURE))
        return;
    const auto before = resident_bytes();
    {
        procpool::pool pool(2);
        use(pool);
        pool.resize(4);
        expect(resident_bytes() < before + 512 * mebibyte,
               "a pool costs some MB"); // stacks of threads, mostly
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
        BOOST_TEST_MESSAGE(answer); // where the limit is low and cannot be raised
    else
        BOOST_TEST(answer == "done\n");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
