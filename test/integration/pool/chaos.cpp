// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/seeded_random.hpp"
#include "support/temporary_folder.hpp"
#include "support/trace_file.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// Random use of a pool: several threads submit, cancel and wait while workers are killed and stopped. Every
// task ends in one of the permitted ways, and none runs twice.
using procpool::test::append_line;
using procpool::test::patience;
using procpool::test::temporary_folder;

namespace {

int add_one(const std::string& file, int n) {
    append_line(file, std::to_string(n));
    return n + 1;
}

std::int64_t square(int n) {
    return std::int64_t{n} * n;
}

std::string repeat(const std::string& text, unsigned times) {
    std::string out;
    for (unsigned i = 0; i != times; ++i)
        out += text;
    return out;
}

int die() {
    procpool::test::kill_itself();
    return 0;
}

int fail(const std::string& why) {
    throw std::domain_error(why);
}

/// The random actions of one thread. Faults are reported as text, since Boost.Test permits checks in one
/// thread only.
class actor {
  public:
    actor(procpool::pool& pool, std::string file, int first, std::uint64_t seed)
        : pool_(pool)
        , file_(std::move(file))
        , next_(first)
        , random_(seed) {}

    void act(int actions) {
        for (int i = 0; i != actions && trouble_.empty(); ++i)
            act_once();
        for (auto& check : pending_)
            check();
        pending_.clear();
    }
    const std::string& trouble() const { return trouble_; }

  private:
    std::size_t below(std::size_t end) { return random_() % end; }

    void act_once() {
        const auto chance = below(100);
        if (chance < 2) // each needs a new process
            lose();
        else if (chance < 5)
            harm_a_worker();
        else if (chance < 35)
            call();
        else if (chance < 55)
            map();
        else if (chance < 75)
            transfer();
        else if (chance < 85)
            cancel();
        else if (chance < 92)
            throw_something();
        else
            settle_some();
    }

    void call() {
        const int n = next_++;
        expect("call", pool_.apply_async(procpool::fn<add_one>, file_, n),
               [n](int got) { return got == n + 1; });
    }
    void map() {
        std::vector<int> items(below(300));
        std::iota(items.begin(), items.end(), next_);
        expect("map", pool_.map_async(procpool::fn<square>, items, {.chunk_size = 1 + below(120)}),
               [items](const std::vector<std::int64_t>& got) {
                   return std::equal(got.begin(), got.end(), items.begin(), items.end(),
                                     [](std::int64_t result, int item) { return result == square(item); });
               });
    }
    void transfer() {
        const std::string text(below(30'000), static_cast<char>('a' + below(26)));
        const auto times = static_cast<unsigned>(below(20));
        expect("transfer", pool_.apply_async(procpool::fn<repeat>, text, times),
               [text, times](const std::string& got) { return got == repeat(text, times); });
    }
    void cancel() {
        const int n = next_++;
        auto result = pool_.apply_async(procpool::fn<add_one>, file_, n);
        if (below(2) == 0)
            static_cast<void>(result.wait(std::chrono::microseconds(below(200))));
        const bool cancelled = result.cancel();
        pending_.push_back([this, result, n, cancelled] {
            try {
                const int got = result.get(patience);
                note(!cancelled && got == n + 1, "a cancelled call has a value, or a wrong one");
            } catch (const procpool::task_cancelled&) {
                note(cancelled, "a call was cancelled that was not to be");
            } catch (const procpool::worker_lost&) {
            } catch (const std::exception& other) {
                note(false, std::string("cancel: ") + other.what());
            }
        });
    }
    void lose() {
        pending_.push_back([this, result = pool_.apply_async(procpool::fn<die>)] {
            try {
                result.get(patience);
                note(false, "a dead task has a value");
            } catch (const procpool::worker_lost&) {
            } catch (const std::exception& other) {
                note(false, std::string("lose: ") + other.what());
            }
        });
    }
    void throw_something() {
        pending_.push_back(
            [this, result = pool_.apply_async(procpool::fn<fail>, std::string(below(50'000), 'w'))] {
                try {
                    result.get(patience);
                    note(false, "a failed task has a value");
                } catch (const procpool::worker_lost&) {
                } catch (const std::domain_error&) {
                } catch (const std::exception& other) {
                    note(false, std::string("throw: ") + other.what());
                }
            });
    }
    void harm_a_worker() {
        const auto pids = procpool::test::pids_of(pool_);
        if (pids.empty())
            return;
        const long pid = pids[below(pids.size())];
        // A number that was reaped meanwhile is unlikely to belong to another process already.
        if (pid == 0 || procpool::test::find_process(pid).parent != procpool::test::own_pid())
            return;
        if (below(2) == 0) {
            procpool::test::kill_process(pid);
        } else {
            procpool::test::stop_process(pid);
            static_cast<void>(
                pool_.apply_async(procpool::fn<square>, 1).wait(std::chrono::microseconds(below(500))));
            procpool::test::continue_process(pid);
        }
    }
    void settle_some() {
        for (auto count = below(pending_.size() + 1); count != 0; --count) {
            pending_.back()();
            pending_.pop_back();
        }
    }

    /// Checks a result later: a value for which `is_right` returns true, or the loss of a worker.
    template <class R, class Check>
    void expect(const char* what, procpool::async_result<R> result, Check is_right) {
        pending_.push_back([this, what, result, is_right] {
            try {
                note(is_right(result.get(patience)), std::string(what) + ": a wrong value");
            } catch (const procpool::worker_lost&) {
            } catch (const std::exception& other) {
                note(false, std::string(what) + ": " + other.what());
            }
        });
    }
    void note(bool holds, const std::string& what) {
        if (!holds && trouble_.empty())
            trouble_ = what;
    }

    procpool::pool& pool_;
    std::string file_;
    int next_;
    std::mt19937_64 random_;
    std::vector<std::function<void()>> pending_;
    std::string trouble_;
};

void run(procpool::pool& pool, procpool::test::seeded_random& random, std::size_t actors, int actions) {
    const temporary_folder folder;
    const auto file = folder.file("ran");
    std::vector<actor> cast;
    for (std::size_t i = 0; i != actors; ++i)
        cast.emplace_back(pool, file, static_cast<int>(i) * 1'000'000, random.number());
    std::vector<std::thread> threads;
    for (auto& each : cast)
        threads.emplace_back([&each, actions] { each.act(actions); });
    for (auto& each : threads)
        each.join();
    for (const auto& each : cast)
        BOOST_TEST(each.trouble() == "");
    auto ran = procpool::test::lines_of(file);
    std::sort(ran.begin(), ran.end());
    BOOST_TEST((std::adjacent_find(ran.begin(), ran.end()) == ran.end()), "a task ran twice");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(chaos, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(one_thread_gets_its_own_from_a_single_worker) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    procpool::pool pool(1);
    run(pool, random, 1, 300);
    pool.close();
    pool.join();
}

BOOST_AUTO_TEST_CASE(several_threads_get_their_own_from_several_workers) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    procpool::pool pool(3);
    run(pool, random, 4, 150);
    BOOST_TEST(pool.apply(procpool::fn<square>, 3) == 9);
}

BOOST_AUTO_TEST_CASE(workers_may_be_replaced_all_the_time) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    procpool::pool pool({.processes = 2, .max_tasks_per_worker = 300});
    run(pool, random, 3, 60);
}

BOOST_AUTO_TEST_CASE(workers_may_come_and_go_and_be_watched) {
    procpool::test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    const temporary_folder folder;
    procpool::pool pool({.processes = 3,
                         .min_processes = 0,
                         .idle_timeout = std::chrono::milliseconds(1),
                         .settings_for = [](std::size_t) { return procpool::worker_settings{.niceness = 1}; },
                         .on_output = [](const procpool::worker_output&) {},
                         .keep_failed_calls_in = folder.file(""),
                         .trace = folder.file("trace.json")});
    run(pool, random, 3, 60);
    BOOST_TEST(pool.apply(procpool::fn<square>, 3) == 9);
    pool.close();
    pool.join();
    BOOST_TEST(procpool::test::trace_file::read(folder.file("trace.json")).fault() == "");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
