// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"
#include "bench/support/process_use.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include <malloc.h>
#include <unistd.h>

// Line 14: how much memory does a waiting call take, and a result that is kept? How many descriptors does a
// worker take?
namespace bench {
namespace {

int add(int a, int b) {
    return a + b;
}

/// Memory that the allocator has given out, some of it in separate mappings.
double heap_bytes() {
    const auto info = ::mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
}

struct per_call {
    samples waiting;
    samples done;
};

void measure_calls(std::size_t calls, per_call& out) {
    procpool::pool pool(1);
    procpool::shared_array<int> gate(1);
    std::vector<procpool::async_result<int>> results;
    results.reserve(calls);
    const auto hold = pool.apply_async(
        [](const procpool::shared_array<int>& opened) {
            // Not std::atomic_ref::wait: no other process could end it.
            while (std::atomic_ref<int>(opened.span().front()).load() == 0)
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
        },
        gate);
    const double before = heap_bytes();
    for (int i = 0; i != static_cast<int>(calls); ++i)
        results.push_back(pool.apply_async(procpool::fn<add>, i, i));
    out.waiting.push_back((heap_bytes() - before) / static_cast<double>(calls));

    std::atomic_ref<int>(gate.span().front()).store(1);
    std::int64_t total = 0;
    for (const auto& result : results)
        total += result.get();
    const auto count = static_cast<std::int64_t>(calls);
    require_equal(total, count * (count - 1), "the sum of all results");
    out.done.push_back((heap_bytes() - before) / static_cast<double>(calls));
}

struct per_worker {
    samples parent;
    samples worker;
};

void count_descriptors(per_worker& out) {
    const auto before = descriptors_of(::getpid());
    procpool::pool few(2);
    const auto with_few = descriptors_of(::getpid());
    {
        procpool::pool many(10);
        const auto with_many = descriptors_of(::getpid());
        out.parent.push_back(static_cast<double>((with_many - with_few) - (with_few - before)) / 8);
        require_equal(many.apply(procpool::fn<add>, 1, 2), 3, "1 + 2");
    }
    out.worker.push_back(static_cast<double>(descriptors_of(few.workers().front().pid.value())));
}

std::vector<row> measure(const settings& chosen) {
    per_call calls;
    per_worker descriptors;
    for (unsigned round = 0; round != chosen.rounds; ++round) {
        measure_calls(chosen.pick<std::size_t>(200'000, 5'000), calls);
        count_descriptors(descriptors);
    }
    const auto row_of = [](const char* work, unit of, const samples& figures) {
        return row{.work = work, .unit = of, .ours = figures, .goal = report_only()};
    };
    return {row_of("memory of a call that waits", unit::bytes, calls.waiting),
            row_of("memory of a result that is kept", unit::bytes, calls.done),
            row_of("descriptors of the parent for each worker", unit::plain, descriptors.parent),
            row_of("descriptors of a worker, all", unit::plain, descriptors.worker)};
}

const registered_line here({14, "task_memory", "memory of calls and results, descriptors of workers",
                            measure});

} // namespace
} // namespace bench
