// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_FAILURE_WALK_HPP
#define PROCPOOL_TEST_FAILURE_WALK_HPP

#include "support/failures.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/public_members.hpp"
#include "support/walk.hpp"

#include <procpool/procpool.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <unistd.h>

// Walks through every member of the public interface. In each step, one call of a replaced function
// (failures.hpp) fails: in the calling thread, in the pool's threads, in a worker, or in a worker that
// starts. Only that call of the member may fail; the pool and all other calls must continue.
//
// PROCPOOL_WALK_MEMBER=name walks through one member alone, PROCPOOL_WALK_FROM=k begins with the k-th
// failure, and PROCPOOL_WALK_FRESH=1 makes a new pool for each step.
namespace procpool::test {

inline constexpr const char* worker_start_variable = "PROCPOOL_TEST_FAIL_AT_START";

/// Checks an exception that a member threw: null if the failure explains it, else a text with the fault.
using failure_judge = const char* (*)(const std::exception_ptr&);

inline procpool::pool_options options_for(const public_member& member, std::size_t processes) {
    procpool::pool_options options;
    options.processes = processes;
    if (member.set != nullptr)
        member.set(options);
    return options;
}

inline unsigned first_failure() {
    const auto from = walk_setting("PROCPOOL_WALK_FROM");
    return from.empty() ? 1 : static_cast<unsigned>(std::stoul(from));
}

/// Walks through one member. `arm(k)` makes the k-th call fail; `was_hit()` tells whether it did.
class member_walk {
  public:
    member_walk(const public_member& member, walk_watch& watch, failure_judge judge, std::size_t processes)
        : member_(member)
        , watch_(watch)
        , judge_(judge)
        , processes_(processes) {}

    template <class Arm, class Disarm>
    void run(Arm arm, Disarm disarm) {
        const nothing_left_behind after;
        unsigned k = first_failure();
        while (step(k, arm, disarm))
            ++k;
        BOOST_TEST_MESSAGE(member_.name << ": " << k - 1 << " failures");
        watch_.step(member_.name, 0);
        end_pool();
    }

  private:
    template <class Arm, class Disarm>
    bool step(unsigned k, Arm arm, Disarm disarm) {
        watch_.step(member_.name, k);
        if (!pool_)
            pool_.emplace(options_for(member_, processes_));
        auto beside = pool_->apply_async(procpool::fn<plus_one>, 41);
        const char* wrong = nullptr;
        arm(*pool_, k);
        try {
            member_.use(*pool_);
        } catch (...) {
            wrong = judge_(std::current_exception());
        }
        const bool hit = disarm(member_.ends_pool ? nullptr : &*pool_);
        BOOST_TEST_CONTEXT("failure " << k << "; failed last in this process: " << failures::function) {
            BOOST_TEST(wrong == nullptr, (wrong == nullptr ? "" : wrong));
            if (!member_.ends_pool)
                check(beside);
        }
        if (member_.ends_pool || !walk_setting("PROCPOOL_WALK_FRESH").empty())
            end_pool();
        return hit;
    }

    void check(procpool::async_result<int>& beside) {
        check_call("another call", [&] { BOOST_TEST(beside.get() == 42); });
        check_call("the next call", [&] { BOOST_TEST(pool_->apply(procpool::fn<plus_one>, 1) == 2); });
        BOOST_TEST(pool_->size() == processes_);
    }

    /// A pool that has failed three times in a row to start a worker reports `start_failed` until `resize`.
    template <class Call>
    void check_call(const char* which, Call call) {
        try {
            call();
        } catch (const procpool::start_failed& why) {
            BOOST_TEST(failures::are_lasting(), which << " failed: " << why.what());
            pool_->resize(processes_);
            BOOST_TEST(pool_->apply(procpool::fn<plus_one>, 1) == 2);
        } catch (const std::exception& why) {
            BOOST_TEST(false, which << " failed: " << why.what());
        }
    }

    void end_pool() {
        if (pool_ && !member_.ends_pool) {
            pool_->close();
            pool_->join();
        }
        pool_.reset();
    }

    const public_member& member_;
    walk_watch& watch_;
    const failure_judge judge_;
    const std::size_t processes_;
    std::optional<procpool::pool> pool_;
};

using failure_counter = procpool::shared_array<std::atomic<unsigned>>;

/// Tasks: after the result of the first, the k-th call of the thread that runs tasks fails.
inline void fail_in_this_worker(const failure_counter& count, unsigned k) {
    static const failure_counter kept = count;
    failures::count = kept.data();
    failures::until_failure_here = k;
}
inline void fail_no_more() {
    failures::until_failure_here = 0;
}

/// Makes the k-th call in a worker's start fail, but only in the first worker, not in its replacements: k is
/// in the name of a file, and the worker that removes the file fails.
class failure_at_start {
  public:
    explicit failure_at_start(unsigned k)
        : file_(std::filesystem::temp_directory_path() /
                ("procpool-test-" + std::to_string(::getpid()) + "." + std::to_string(k))) {
        std::ofstream(file_) << k;
        ::setenv(worker_start_variable, file_.c_str(), 1);
    }
    failure_at_start(const failure_at_start&) = delete;
    failure_at_start& operator=(const failure_at_start&) = delete;
    ~failure_at_start() {
        ::unsetenv(worker_start_variable);
        std::error_code none;
        std::filesystem::remove(file_, none);
    }

    bool was_taken() const { return !std::filesystem::exists(file_); }

    /// Called in a worker.
    static void take() {
        const char* const file = std::getenv(worker_start_variable);
        if (file != nullptr && ::unlink(file) == 0)
            failures::fail_here(static_cast<unsigned>(std::atoi(std::strrchr(file, '.') + 1)));
    }

  private:
    std::filesystem::path file_;
};

template <class Walk>
void for_each_member(Walk walk) {
    walk_watch::prepare_thread = [] {
        failures::is_exempt = true;
    };
    walk_watch watch;
    const auto only = walk_setting("PROCPOOL_WALK_MEMBER");
    for (const auto& member : public_members())
        if (only.empty() || only == member.name)
            BOOST_TEST_CONTEXT(member.name) walk(member, watch);
}

inline void walk_in_callers_thread(failure_judge judge) {
    for_each_member([&](const public_member& member, walk_watch& watch) {
        member_walk(member, watch, judge, 2)
            .run([](procpool::pool&, unsigned k) { failures::fail_here(k); },
                 [](procpool::pool*) { return failures::disarm(); });
    });
}

inline void walk_in_pools_threads(failure_judge judge) {
    for_each_member([&](const public_member& member, walk_watch& watch) {
        member_walk(member, watch, judge, 2)
            .run([](procpool::pool&, unsigned k) { failures::fail_elsewhere(k); },
                 [](procpool::pool*) { return failures::disarm(); });
    });
}

inline void walk_in_a_worker(failure_judge judge) {
    const failure_counter count(1);
    for_each_member([&](const public_member& member, walk_watch& watch) {
        member_walk(member, watch, judge, 2)
            .run(
                [&](procpool::pool& pool, unsigned k) {
                    *count.data() = 0;
                    pool.broadcast(procpool::fn<fail_in_this_worker>, count, k);
                },
                [&](procpool::pool* pool) {
                    const bool hit = *count.data() != 0;
                    for (bool armed = pool != nullptr; armed;) {
                        try {
                            pool->broadcast(procpool::fn<fail_no_more>);
                            armed = false;
                        } catch (const std::exception&) {
                        }
                    }
                    return hit;
                });
    });
}

inline void walk_in_a_worker_that_starts(failure_judge judge) {
    const nothing_left_behind after;
    walk_watch watch;
    for (unsigned k = first_failure();; ++k) {
        watch.step("the start of a worker", k);
        const failure_at_start failure(k);
        std::optional<procpool::pool> pool;
        const char* wrong = nullptr;
        bool done = false;
        try {
            pool.emplace(1);
            done = pool->apply([] { return failures::until_failure_here != 0; });
        } catch (...) {
            wrong = judge(std::current_exception());
        }
        BOOST_TEST_CONTEXT("failure " << k) {
            BOOST_TEST(wrong == nullptr, (wrong == nullptr ? "" : wrong));
            BOOST_TEST(failure.was_taken());
            if (!pool)
                continue;
            pool->apply([] { failures::until_failure_here = 0; });
            BOOST_TEST(pool->apply(procpool::fn<plus_one>, 1) == 2);
        }
        if (done)
            break;
    }
}

/// Each variable of the environment is copied for each worker, in the same function, so a few are enough.
inline void make_environment_short() {
    std::vector<std::string> others;
    for (char** line = environ; *line != nullptr; ++line) {
        const std::string_view text(*line);
        if (!text.starts_with("PROCPOOL") && text.find("SAN_OPTIONS=") == text.npos)
            others.emplace_back(text.substr(0, text.find('=')));
    }
    for (const auto& name : others)
        ::unsetenv(name.c_str());
}

} // namespace procpool::test

#endif
