// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_FAULTS_PARENT_HPP
#define PROCPOOL_TEST_FAULTS_PARENT_HPP

#include "support/faults/account.hpp"
#include "support/faults/record.hpp"
#include "support/faults/tasks.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/process_table.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

// The parent of a pool in which a fault happens, as a child of the test. It runs one of several scenarios,
// and reports the outcomes.
namespace procpool::test::faults {

/// The scenario of a parent, as the test passes it.
struct orders {
    std::string scenario; // calls, burden, recycling, perishing, cancelling
    std::size_t workers = 1;
    std::string ending;         // close; terminate; terminate_early: once tasks run
    int limit_milliseconds = 0; // of tasks and of a worker's start; 0: none

    std::string text() const {
        return scenario + ' ' + std::to_string(workers) + ' ' + ending + ' ' +
               std::to_string(limit_milliseconds);
    }
    static orders from(const std::string& text) {
        orders out;
        std::istringstream(text) >> out.scenario >> out.workers >> out.ending >> out.limit_milliseconds;
        return out;
    }
};

class parent {
  public:
    /// The number of tasks that run in the scenario "calls" before the size of the pool is checked.
    static constexpr std::uint32_t tasks_of_calls = 12 + 8 + 4 + 48 + 24 + 24;

    explicit parent(const orders& what) : orders_(what) {}

    void run() {
        if (!make_pool())
            return;
        submit();
        if (orders_.ending == "terminate_early") {
            if (!eventually([] { return has_happened(); }))
                account_.report_failure("nothing happened");
            pool_->terminate();
        } else {
            read_stream();
            account_.settle_all();
            check_size();
            change_size();
            if (orders_.ending == "terminate")
                end_in_the_middle();
            else
                pool_->close();
        }
        pool_->join();
        account_.settle_all();
        pool_.reset();
        account_.check();
    }

  private:
    static constexpr std::uint32_t stream_first = 40;
    static constexpr std::uint32_t stream_items = 48;

    static bool has_happened() {
        const auto victim = own_record()->plan.victim.load();
        return victim != 0 && find_process(victim).state == 'T';
    }

    bool make_pool() {
        pool_options options;
        options.processes = orders_.workers;
        options.terminate_grace = std::chrono::milliseconds(50);
        if (orders_.scenario == "recycling") {
            options.max_tasks_per_worker = 3;
            options.initializer = bind(fn<prepare>);
            options.finalizer = bind(fn<finish>);
            set_unhandled([](const std::exception_ptr& what) {
                try {
                    std::rethrow_exception(what);
                } catch (const worker_lost&) { // in the finalizer
                } catch (...) {
                    say("nobody received something else\n");
                }
            });
        }
        if (orders_.limit_milliseconds != 0) {
            options.task_timeout = std::chrono::milliseconds(orders_.limit_milliseconds);
            options.start_timeout = std::chrono::milliseconds(orders_.limit_milliseconds);
        }
        try {
            pool_ = std::make_unique<pool>(options);
        } catch (const start_failed&) {
            say("not started\n");
            return false;
        }
        auto& other = own_record()->plan.other;
        if (other == 0)
            other = static_cast<std::int32_t>(pids_of(*pool_).front());
        return true;
    }

    void submit() {
        if (orders_.scenario == "calls")
            submit_all_kinds();
        if (orders_.scenario == "burden")
            expect_relay(0, enormous);
        if (orders_.scenario == "recycling")
            for (std::uint32_t i = 0; i != 30; ++i)
                expect_relay(i, small);
        if (orders_.scenario == "perishing")
            submit_deaths();
        if (orders_.scenario == "cancelling")
            submit_and_cancel();
    }

    void expect_relay(std::uint32_t index, pieces what) {
        account_.expect("call " + std::to_string(index), pool_->apply_async(fn<relay>, index, what),
                        [index, what](const auto& result) {
                            return result.get(patience) == what && own_record()->runs[index] == 1;
                        });
    }

    void submit_all_kinds() {
        for (std::uint32_t i = 0; i != 12; ++i)
            expect_relay(i, small);
        for (std::uint32_t i = 20; i != 28; ++i)
            account_.expect("refusal " + std::to_string(i), pool_->apply_async(fn<refuse>, i, small),
                            [i](const auto& result) {
                                try {
                                    result.get(patience);
                                    return false;
                                } catch (const std::domain_error& e) {
                                    return e.what() == std::to_string(i);
                                }
                            });
        for (std::uint32_t i = 30; i != 34; ++i)
            expect_relay(i, large);
        if (orders_.ending != "terminate_early") {
            stream_.emplace(pool_->imap_unordered(fn<count>, numbers(stream_first, stream_items),
                                                  {.chunk_size = 6, .max_in_flight = stream_items}));
        }
        const auto mapped = numbers(100, 24);
        account_.expect("map", pool_->map_async(fn<count>, mapped, {.chunk_size = 8}),
                        [mapped](const auto& result) { return result.get(patience) == mapped; });
        const auto added = numbers(130, 24);
        account_.expect(
            "map_reduce",
            pool_->map_reduce_async(fn<count>, added, fn<add>, std::uint64_t{0}, {.chunk_size = 8}),
            [added](const auto& result) {
                return result.get(patience) == std::accumulate(added.begin(), added.end(), std::uint64_t{0});
            });
    }

    static std::vector<std::uint32_t> numbers(std::uint32_t first, std::uint32_t count) {
        std::vector<std::uint32_t> out(count);
        std::iota(out.begin(), out.end(), first);
        return out;
    }

    /// Every item has one outcome, and the results of a chunk are not lost if the rest of it is.
    void read_stream() {
        if (!stream_)
            return;
        std::set<std::uint32_t> missing;
        for (const auto each : numbers(stream_first, stream_items))
            missing.insert(each);
        std::size_t outcomes = 0;
        for (bool more = true; more && outcomes <= stream_items;)
            account_.settle("stream", [&] {
                ++outcomes;
                const auto got = stream_->next(patience);
                more = got.has_value();
                return !more || (missing.erase(*got) == 1 && own_record()->runs[*got] == 1);
            });
        if (outcomes != stream_items + 1) // with the end of the stream
            account_.report_failure("a stream has " + std::to_string(outcomes) + " outcomes");
        stream_.reset();
    }

    /// The task kills seven workers.
    void submit_deaths() {
        for (std::uint32_t i = 0; i != 12; ++i)
            expect_relay(i, small);
        account_.expect("perish", pool_->apply_async({.retries = 6}, fn<perish>, 20u, small),
                        [](const auto& result) {
                            try {
                                result.get(patience);
                            } catch (const worker_lost&) {
                            }
                            return true;
                        });
        for (std::uint32_t i = 30; i != 42; ++i)
            expect_relay(i, small);
    }

    /// Cancels calls that a worker has been given and not started, since it runs another task.
    void submit_and_cancel() {
        for (int i = 0; i != 300; ++i) // so that the worker gets many calls ahead
            pool_->apply(fn<add>, std::uint64_t{1}, std::uint64_t{2});
        for (std::size_t i = 0; i != orders_.workers; ++i)
            account_.expect("linger", pool_->apply_async(fn<linger>), [](const auto& result) {
                result.get(patience);
                return true;
            });
        for (std::uint32_t i = 0; i != 16; ++i) {
            auto result = pool_->apply_async(fn<relay>, i, small);
            result.cancel();
            account_.expect("cancelled", result,
                            [](const auto& cancelled) { return cancelled.get(patience) == small; });
        }
        own_record()->gate_open = 1;
    }

    /// Every worker must exist and work.
    void check_size() {
        const auto all_there = [&] {
            const auto pids = pids_of(*pool_);
            return pids.size() == pool_->size() &&
                   std::all_of(pids.begin(), pids.end(), [](long pid) { return pid != 0 && is_alive(pid); });
        };
        if (!eventually(all_there))
            account_.report_failure("the pool is not back to its size");
        account_.settle("broadcast", [&] {
            const auto pids = pool_->broadcast_async(fn<own_pid>).get(patience);
            return std::set<long>(pids.begin(), pids.end()).size() == pool_->size();
        });
    }

    void change_size() {
        pool_->resize(orders_.workers + 1);
        check_size();
        pool_->resize(orders_.workers);
        check_size();
    }

    void end_in_the_middle() {
        for (std::size_t i = 0; i != 2 * orders_.workers; ++i)
            account_.expect("linger", pool_->apply_async(fn<linger>), [](const auto& result) {
                result.get(patience);
                return true;
            });
        pool_->terminate();
    }

    const orders orders_;
    std::unique_ptr<pool> pool_;
    std::optional<result_stream<std::uint32_t>> stream_;
    account account_;
};

/// The main function of the parent.
inline int play_parent(const std::string& script) {
    // The workers also have the line to the test, so its end shows that none is left.
    ::dup2(line_to_parent, STDERR_FILENO);
    auto& plan = own_record()->plan;
    if (plan.step < fault_step::spawning)
        plan.other = ::getpid(); // for a worker, the other process is its parent
    const auto before = belongings::after_a_thread();
    parent(orders::from(script)).run();
    static_cast<void>(eventually([&] { return belongings::now() == before; }, std::chrono::seconds(2)));
    say(belongings::now() == before ? "nothing left\n" : "! something is left\n");
    return 0;
}

} // namespace procpool::test::faults

#endif
