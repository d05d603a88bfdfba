// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/bare_process.hpp"
#include "bench/support/line.hpp"
#include "bench/support/process_use.hpp"

#include <procpool/procpool.hpp>

#include <string>
#include <vector>

// Line 13: how much more memory does a worker take than any process of this program?
namespace bench {
namespace {

std::vector<row> measure(const settings& chosen) {
    samples more_private;
    samples more_proportional;
    for (unsigned round = 0; round != chosen.rounds; ++round) {
        procpool::pool pool(1);
        bare_process bare(bare_process::role::answers);
        bare.await_answer();
        require_equal(pool.apply([](int n) { return n; }, 3), 3, "the result");
        const memory_use worker = memory_of(pool.workers().front().pid.value());
        const memory_use other = memory_of(bare.pid());
        more_private.push_back(worker.private_bytes - other.private_bytes);
        more_proportional.push_back(worker.proportional_bytes - other.proportional_bytes);
    }
    const auto row_of = [](const char* work, const samples& figures) {
        return row{.work = work,
                   .other = "less those of a bare process",
                   .unit = unit::bytes,
                   .ours = figures,
                   .goal = at_most(1024 * 1024)};
    };
    return {row_of("an idle worker's private bytes", more_private),
            row_of("an idle worker's proportional bytes", more_proportional)};
}

const registered_line here({13, "worker_memory", "memory of a worker", measure});

} // namespace
} // namespace bench
