// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/bare_rings.hpp"
#include "bench/support/line.hpp"
#include "bench/support/partner.hpp"
#include "bench/support/python.hpp"
#include "bench/support/timing.hpp"

#include <procpool/procpool.hpp>

#include <boost/interprocess/ipc/message_queue.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include <unistd.h>

// Line 2: one call at a time, with a worker that is awake. How long does it take from the call to the result?
namespace bench {
namespace {

/// What Boost has for messages between processes: it has a lock and conditions in shared memory.
template <class Entry>
class queue_of {
  public:
    explicit queue_of(const std::string& name)
        : queue_(boost::interprocess::create_only, name.c_str(), 64, sizeof(Entry)) {
        // Both processes have it mapped; no other process is to find it.
        boost::interprocess::message_queue::remove(name.c_str());
    }

    void write(const Entry& entry) { queue_.send(&entry, sizeof entry, 0); }
    Entry read() {
        Entry entry;
        boost::interprocess::message_queue::size_type size = 0;
        unsigned priority = 0;
        queue_.receive(&entry, sizeof entry, size, priority);
        return entry;
    }

  private:
    boost::interprocess::message_queue queue_;
};

struct message_queues {
    queue_of<two_numbers> calls{"procpool-bench-calls-" + std::to_string(::getpid())};
    queue_of<int> results{"procpool-bench-results-" + std::to_string(::getpid())};

    void answer(std::size_t count) {
        for (std::size_t done = 0; done != count; ++done) {
            const auto call = calls.read();
            results.write(call.a + call.b);
        }
    }
};

int add(int a, int b) {
    return a + b;
}

std::vector<row> measure(const settings& chosen) {
    const auto calls = chosen.pick<std::size_t>(100'000, 2'000);
    const auto queue_calls = calls / 10;

    bare_rings rings;
    partner ring_partner([&] { rings.answer(calls); });
    message_queues queues;
    partner queue_partner([&] { queues.answer(queue_calls); });
    procpool::pool pool(1);

    percentiles ours;
    percentiles bare;
    percentiles queued;
    samples python;
    alternate(chosen.rounds,
              {[&] {
                   ours.add(times_of_each(
                       calls, [&] { require_equal(pool.apply(procpool::fn<add>, 1, 2), 3, "1 + 2"); }));
               },
               [&] {
                   ring_partner.start();
                   bare.add(times_of_each(calls, [&] {
                       rings.calls.write({1, 2});
                       require_equal(rings.results.read(), 3, "1 + 2");
                   }));
                   ring_partner.finish();
               },
               [&] {
                   queue_partner.start();
                   queued.add(times_of_each(queue_calls, [&] {
                       queues.calls.write({1, 2});
                       require_equal(queues.results.read(), 3, "1 + 2");
                   }));
                   queue_partner.finish();
               },
               [&] {
                   const auto python_calls = chosen.pick<std::size_t>(2'000, 100);
                   if (const auto p50 = python_seconds("apply " + std::to_string(python_calls)))
                       python.push_back(*p50);
               }});

    const auto row_of = [](const char* work, const samples& of, const char* other, const samples& to,
                           aim goal) {
        return row{
            .work = work, .other = other, .unit = unit::seconds, .ours = of, .theirs = to, .goal = goal};
    };
    auto beside_python = row_of("apply, p50", ours.p50, "Python Pool.apply", python, report_only());
    if (python.empty())
        beside_python.note = no_python;
    return {row_of("apply, p50", ours.p50, "a bare spinning ring", bare.p50, at_most(5)),
            row_of("apply, p50", ours.p50, "two Boost message_queues", queued.p50, at_most(0.1)),
            beside_python, row_of("apply, p99", ours.p99, "a bare spinning ring", bare.p99, report_only()),
            row_of("apply, p99", ours.p99, "two Boost message_queues", queued.p99, report_only())};
}

const registered_line here({2, "round_trip", "one call at a time, everybody awake", measure});

} // namespace
} // namespace bench
