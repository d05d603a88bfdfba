// Shows:  fifty calls of a function that sleeps; the time falls with many more workers than CPUs, because a sleeping
//         worker needs no CPU.
// Run:    procpool-starmap --processes 1,2,4,50 --plot starmap.svg
// Prints: a line for each pool size (start, total time, speed-up, efficiency), and what the numbers say.

#include "common/benchmark.hpp"
#include "common/random.hpp"
#include "common/sweep.hpp"
#include "common/text.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <cstdint>
#include <thread>
#include <tuple>
#include <vector>

namespace {

double slow_add(double a, double b, double seconds) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    return a + b;
}

using call = std::tuple<double, double, double>; // one tuple for each call: the arguments of slow_add

// The durations are drawn here and not in slow_add, so that every run and every pool size has the same ones.
std::vector<call> draw_calls(std::size_t jobs, std::uint64_t seed, double shortest, double longest) {
    apps::uniform_draw draw(seed);
    std::vector<call> calls;
    for (std::size_t index = 0; index < jobs; ++index) {
        const auto number = static_cast<double>(index);
        calls.emplace_back(number, number / 2, draw(shortest, longest));
    }
    return calls;
}

} // namespace

int main(int argc, char* argv[]) {
    procpool::init();

    double shortest = 1;
    double longest = 3;
    apps::benchmark program("procpool-starmap",
                            "Adds numbers in a function that sleeps, with pools of growing size.",
                            {.processes = {1, 2, 4, 6, 8, 10, 12, 14, 18, 50}, .jobs = 50});
    program.add("shortest", shortest, 0, 3600, "shortest sleep in seconds, before --scale");
    program.add("longest", longest, 0, 3600, "longest sleep in seconds, before --scale");

    return program.run(argc, argv, [&](const apps::settings& chosen) {
        if (longest < shortest)
            throw apps::usage_error("--longest is less than --shortest");
        const double scale = chosen.scale;
        const std::vector<call> calls =
            draw_calls(chosen.jobs, chosen.seed, scale * shortest, scale * longest);

        apps::report measured = apps::sweep(
            chosen, [&](std::size_t index) { return std::apply(slow_add, calls[index]); },
            [&](apps::pool_run& run) {
                procpool::pool pool(run.processes);
                run.pool_started();
                auto sums = pool.starmap(procpool::fn<slow_add>, calls, run.options);
                pool.close();
                pool.join();
                return sums;
            });
        measured.work = apps::counted(chosen.jobs, "call", "calls") + " that sleep " +
                        apps::seconds(scale * shortest) + " to " + apps::seconds(scale * longest) + " s";
        return measured;
    });
}
