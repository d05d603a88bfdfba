// Shows:  a hundred sieves of Eratosthenes; the time falls until the CPUs are used up, and no further.
// Run:    procpool-map --processes 1,2,4,8 --plot map.svg
// Prints: a line for each pool size (start, total time, speed-up, efficiency), and what the numbers say.

#include "common/benchmark.hpp"
#include "common/sieve.hpp"
#include "common/sweep.hpp"
#include "common/text.hpp"

#include <procpool/procpool.hpp>

#include <cstdint>
#include <vector>

int main(int argc, char* argv[]) {
    procpool::init();

    double limit = 100'000'000;
    apps::benchmark program("procpool-map", "Sieves for primes, with pools of growing size.",
                            {.processes = {1, 2, 4, 6, 8, 10, 12, 14, 18, 50, 100}, .jobs = 100});
    program.add("limit", limit, 2, 1e9, "how far a sieve goes, before --scale; each within a tenth of it");

    return program.run(argc, argv, [&](const apps::settings& chosen) {
        const double scaled = chosen.scale * limit;
        const std::vector<std::uint32_t> limits = apps::draw_limits(scaled, chosen.jobs, chosen.seed);

        apps::report measured = apps::sweep(
            chosen, [&](std::size_t index) { return apps::sieve(limits[index]); },
            [&](apps::pool_run& run) {
                procpool::pool pool(run.processes);
                run.pool_started();
                auto primes = pool.map(procpool::fn<apps::sieve>, limits, run.options);
                pool.close();
                pool.join();
                return primes;
            });
        measured.work =
            apps::counted(chosen.jobs, "sieve", "sieves") + " up to about " + apps::fixed(scaled, 0);
        return measured;
    });
}
