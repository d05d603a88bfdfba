// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_HOST_PROGRAMS_HPP
#define PROCPOOL_TEST_HOST_PROGRAMS_HPP

#include "support/process_control.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <cerrno>
#include <cstddef>
#include <string>
#include <vector>

#if !defined(_WIN32)
#include <sys/wait.h>
#endif

// Parts of the programs that a child plays, to check that pools work there. Faults are reported over the
// line.
namespace procpool::test {

inline int add_one(int n) {
    return n + 1;
}

inline void expect(bool holds, const std::string& what) {
    if (!holds)
        say("not so: " + what + '\n');
}

/// Tests calls, big arguments and results, and deaths. `status_is_known`: whether the program, and so the
/// pool, learns the exit status.
inline void use(procpool::pool& pool, bool status_is_known = true) {
    const std::vector<int> ones(1000, 1);
    expect(pool.map(procpool::fn<add_one>, ones) == std::vector<int>(1000, 2), "a map works");
    const std::string text(5'000'000, 's');
    expect(pool.apply([](const std::string& s) { return s; }, text) == text, "much travels");
    for (int round = 0; round != 3; ++round) {
        try {
            pool.apply([] { kill_itself(); });
            say("a death was not seen\n");
        } catch (const procpool::worker_lost& lost) {
            if (status_is_known)
                expect(was_killed(lost), "the status is known");
            else
                expect(!lost.exit_status(), "no exit status is made up");
        }
        expect(pool.apply(procpool::fn<add_one>, 1) == 2, "a call after a death works");
    }
}

/// Likewise, and ends the pool.
inline void use_up(procpool::pool& pool, bool status_is_known = true) {
    use(pool, status_is_known);
    pool.close();
    pool.join();
}

#if !defined(_WIN32)

/// Checks that a pool cannot be made, the text of the error, and that no child is left.
inline void expect_no_pool(const std::string& because, std::size_t processes = 3) {
    try {
        const procpool::pool pool(processes);
        say("a pool was made of nothing\n");
    } catch (const procpool::start_failed& why) {
        expect(std::string(why.what()).find(because) != std::string::npos, why.what());
    }
    expect(::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD, "no child is left");
}

#endif

} // namespace procpool::test

#endif
