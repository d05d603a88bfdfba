// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SOAK_ARENA_HPP
#define PROCPOOL_TEST_SOAK_ARENA_HPP

#include "support/process_table.hpp"
#include "support/soak/ledger.hpp"
#include "support/soak/tasks.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

// The pools of one round of a soak, and the faults that happen to them.
namespace procpool::test::soak {

/// Random numbers from a seed.
class dice {
  public:
    explicit dice(std::uint64_t seed) : numbers_(seed) {}
    std::uint64_t number() { return numbers_(); }
    std::size_t below(std::size_t end) { return numbers_() % end; }
    bool once_in(std::size_t many) { return below(many) == 0; }

  private:
    std::mt19937_64 numbers_;
};

/// Whether there are few descriptors: then a call may report that a process could not be started.
inline bool descriptors_are_scarce() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 512;
}

enum class last_act {
    close_when_settled,
    close_before,
    terminate_before,
    destroy_before,
    close_amid,
    terminate_amid
};
inline constexpr std::size_t last_acts = 6;

/// A pool, the way in which it is to end, and the endings of calls that this excuses.
struct contestant {
    std::shared_ptr<procpool::pool> pool;
    last_act end = last_act::close_when_settled;
    endings excused = 0;
    std::int64_t prepared = 0;
    bool limited_memory = false;
    std::shared_ptr<const temporary_folder> folder; // of the trace and of the calls that are kept

    /// The allowed outcomes of a call that may end as `also` says, and may always lose its worker.
    endings allowed(endings also) const { return excused | also | ending::lost; }
};

/// A worker that is killed may have written a part of its line.
inline void check_line(const worker_output& line, ledger& account) {
    if (!line.is_error && !talk_line.starts_with(line.text))
        account.trouble("a line of output is mixed: " + line.text);
    ++account.lines;
}

inline contestant make_contestant(dice& random, boost::asio::thread_pool& elsewhere, ledger& account) {
    using namespace std::chrono_literals;
    contestant out;
    out.end = static_cast<last_act>(random.below(last_acts));
    if (out.end == last_act::close_amid || out.end == last_act::terminate_amid)
        out.excused = out.excused | ending::closed;
    if (out.end == last_act::terminate_before || out.end == last_act::destroy_before ||
        out.end == last_act::terminate_amid)
        out.excused = out.excused | ending::terminated;
    if (descriptors_are_scarce())
        out.excused = out.excused | ending::not_started;
    pool_options options;
    options.processes = 1 + random.below(4);
    options.terminate_grace = std::chrono::milliseconds(random.below(3) * 20);
    if (random.once_in(3))
        options.max_tasks_per_worker = 20 + random.below(200); // each process takes time to start
    if (random.once_in(3)) {
        out.prepared = static_cast<std::int64_t>(random.below(1000));
        options.initializer = bind(fn<prepare>, out.prepared);
        options.finalizer = bind(fn<finish>, out.prepared);
    }
    if (random.once_in(4))
        options.executor = elsewhere.get_executor();
    if (random.once_in(4))
        options.task_timeout = 10min; // never exceeded, but watched
#ifndef PROCPOOL_SANITIZED            // whose shadow memory counts too
    if (random.once_in(4)) {
        options.worker_memory_limit = std::size_t{1} << 30;
        out.limited_memory = true;
    }
#endif
    if (random.once_in(4)) {
        options.min_processes = random.below(options.processes + 1);
        options.idle_timeout = std::chrono::milliseconds(random.below(3) * 20);
    }
    if (random.once_in(4)) {
        options.settings_for = [](std::size_t) {
            return worker_settings{.environment = {{talk_variable, "1"}}};
        };
        options.on_output = [&account](const worker_output& line) {
            check_line(line, account);
        };
    }
    if (random.once_in(3)) {
        out.folder = std::make_shared<temporary_folder>();
        options.trace = out.folder->file("trace.json");
        options.keep_failed_calls_in = out.folder->file("");
    }
    out.pool = std::make_shared<procpool::pool>(std::move(options));
    return out;
}

/// Kills and stops workers, resizes pools, and ends pools that are to end early, until it is destroyed.
class weather {
  public:
    weather(std::vector<contestant>& pools, ledger& account, std::uint64_t seed)
        : pools_(pools)
        , account_(account)
        , random_(seed)
        , thread_([this](const std::stop_token& stop) { blow(stop); }) {}

  private:
    void blow(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pause(random_.below(60'000));
            auto& at = pools_[random_.below(pools_.size())];
            const auto chance = random_.below(100);
            if (chance < 35)
                kill_one(*at.pool, random_.once_in(2) ? SIGKILL : SIGTERM);
            else if (chance < 75)
                stop_one(*at.pool);
            else if (chance < 88)
                resize(at);
            else if (chance < 90)
                look_into_one(*at.pool);
            else if (chance < 93 && at.end == last_act::close_amid)
                at.pool->close();
            else if (chance < 93 && at.end == last_act::terminate_amid)
                at.pool->terminate();
        }
    }
    static void pause(std::size_t max_microseconds) {
        std::this_thread::sleep_for(std::chrono::microseconds(max_microseconds));
    }
    /// A random worker; 0: there is none now. Never this program's own group, or another program's process.
    long some_worker(const pool& of) {
        const auto all = of.workers();
        const auto pid = all.empty() ? 0 : all[random_.below(all.size())].pid.value_or(0);
        return pid > 1 && find_process(pid).parent == ::getpid() ? pid : 0;
    }
    void kill_one(const pool& of, int signal) {
        if (const auto pid = some_worker(of)) {
            ::kill(static_cast<pid_t>(pid), signal);
            ++account_.kills;
        }
    }
    void stop_one(const pool& of) {
        const auto pid = some_worker(of);
        if (pid == 0)
            return;
        ::kill(static_cast<pid_t>(pid), SIGSTOP);
        ++account_.stops;
        pause(random_.below(20'000));
        if (find_process(pid).parent == ::getpid())
            ::kill(static_cast<pid_t>(pid), random_.once_in(5) ? SIGKILL : SIGCONT);
    }
    void look_into_one(const pool& of) {
        try {
            of.stack_of(random_.below(4));
            ++account_.stacks;
        } catch (const std::invalid_argument&) { // there are fewer workers
        }
    }
    void resize(const contestant& at) {
        // The system may refuse a new process, and a worker may be killed while it starts.
        settle(account_, "resize", at.excused | ending::value | ending::closed, [&] {
            at.pool->resize(1 + random_.below(4));
            ++account_.resizes;
            return std::string();
        });
    }

    std::vector<contestant>& pools_;
    ledger& account_;
    dice random_;
    std::jthread thread_;
};

} // namespace procpool::test::soak

#endif
