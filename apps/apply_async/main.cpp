// Shows:  a hundred sieves as keyword calls, each with a result of its own; submitted in sequence, finished in any
//         order.
// Run:    procpool-apply-async --processes 1,2,4,8 --plot apply_async.svg
// Prints: a line for each pool size (start, total time, speed-up, efficiency), and what the numbers say.

#include "common/benchmark.hpp"
#include "common/sieve.hpp"
#include "common/sweep.hpp"
#include "common/text.hpp"

#include <procpool/procpool.hpp>

#include <cstdint>
#include <vector>

namespace {

using namespace procpool::literals;

// sieve_range(limit, first), called by name; `first` may be left out.
constexpr auto sieve = procpool::keywords<apps::sieve_range>("limit"_arg, "first"_arg = 2u);

} // namespace

int main(int argc, char* argv[]) {
    procpool::init();

    double limit = 100'000'000;
    apps::benchmark program("procpool-apply-async",
                            "Sieves for primes by keyword calls, with pools of growing size.",
                            {.processes = {1, 2, 4, 6, 8, 10, 12, 14, 18, 50, 100}, .jobs = 100});
    program.add("limit", limit, 2, 1e9, "how far a sieve goes, before --scale; each within a tenth of it");

    return program.run(argc, argv, [&](const apps::settings& chosen) {
        const double scaled = chosen.scale * limit;
        const std::vector<std::uint32_t> limits = apps::draw_limits(scaled, chosen.jobs, chosen.seed);

        apps::report measured = apps::sweep(
            chosen, [&](std::size_t index) { return apps::sieve_range(limits[index], 2); },
            [&](apps::pool_run& run) {
                procpool::pool pool(run.processes);
                run.pool_started();
                std::vector<procpool::async_result<apps::primes>> results;
                for (const std::uint32_t each : limits)
                    results.push_back(pool.apply_async(sieve, "limit"_arg = each));
                pool.close();
                pool.join();

                std::vector<apps::primes> found;
                for (const auto& result : results)
                    found.push_back(result.get());
                return found;
            });
        measured.work =
            apps::counted(chosen.jobs, "sieve", "sieves") + " up to about " + apps::fixed(scaled, 0);
        return measured;
    });
}
