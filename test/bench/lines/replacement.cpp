// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/bare_process.hpp"
#include "bench/support/line.hpp"
#include "bench/support/timing.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <vector>

#include <csignal>
#include <unistd.h>

// Line 11: a worker is killed. How long does it take until its replacement returns a result?
namespace bench {
namespace {

long worker_pid() {
    return ::getpid();
}

/// The victim may still answer a call.
long pid_of_another(procpool::pool& pool, long victim) {
    for (;;) {
        try {
            if (const long pid = pool.apply(procpool::fn<worker_pid>); pid != victim)
                return pid;
        } catch (const procpool::worker_lost&) { // or the victim had started the call
        }
    }
}

std::vector<row> measure(const settings& chosen) {
    const auto deaths = chosen.pick<std::size_t>(50, 3);
    procpool::pool pool(1);
    long pid = pool.apply(procpool::fn<worker_pid>);
    samples ours;
    samples bare;
    alternate(chosen.rounds, {[&] {
                                  ours.push_back(median(times_of_each(deaths, [&] {
                                      ::kill(static_cast<pid_t>(pid), SIGKILL);
                                      pid = pid_of_another(pool, pid);
                                  })));
                              },
                              [&] {
                                  samples times;
                                  for (std::size_t i = 0; i != deaths; ++i) {
                                      const stopwatch time;
                                      bare_process process(bare_process::role::answers);
                                      process.await_answer();
                                      times.push_back(time.seconds());
                                  }
                                  bare.push_back(median(times));
                              }});
    return {{.work = "worker killed, its replacement's first result",
             .other = "bare posix_spawn and first result",
             .unit = unit::seconds,
             .ours = ours,
             .theirs = bare,
             .goal = at_most(1.5)}};
}

const registered_line here({11, "replacement", "a worker that is killed", measure});

} // namespace
} // namespace bench
