// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/failing_allocations.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/public_members.hpp"
#include "support/walk.hpp"

#include <procpool/procpool.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <future>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <unistd.h>

// Every allocation of every member fails once, each in a step of its own: in the thread that calls, in the
// pool's threads, in a worker. That one call fails, and everything else goes on.
//
// PROCPOOL_WALK_MEMBER=name walks through one member alone, PROCPOOL_WALK_FROM=k begins with the k-th
// failure, and PROCPOOL_WALK_FRESH=1 makes a new pool for each step.
using namespace procpool::test;

namespace {

constexpr const char* worker_start_variable = "PROCPOOL_TEST_FAIL_AT_START";

procpool::pool_options options_for(const public_member& member, std::size_t processes) {
    procpool::pool_options options;
    options.processes = processes;
    if (member.set != nullptr)
        member.set(options);
    return options;
}

/// What a failed allocation may come out as.
const char* what_is_wrong(const std::exception_ptr& why) noexcept {
    try {
        std::rethrow_exception(why);
    } catch (const wrong_value& wrong) {
        return wrong.what();
    } catch (const std::bad_alloc&) {
    } catch (const procpool::start_failed&) {
    } catch (const procpool::codec_error&) {
    } catch (const procpool::worker_lost&) {
    } catch (const procpool::remote_error&) { // of what could not be decoded as what it was
    } catch (const std::future_error&) {      // of a handler that could not be kept
    } catch (const std::exception& other) {
        static char text[300];
        std::snprintf(text, sizeof text, "an exception of another kind: %s", other.what());
        return text;
    }
    return nullptr;
}

unsigned first_failure() {
    const auto from = walk_setting("PROCPOOL_WALK_FROM");
    return from.empty() ? 1 : static_cast<unsigned>(std::stoul(from));
}

/// Walks through one member. `arm(k)`: the k-th allocation fails; `was_hit()`: it did.
class member_walk {
  public:
    member_walk(const public_member& member, walk_watch& watch, std::size_t processes)
        : member_(member)
        , watch_(watch)
        , processes_(processes) {}

    template <class Arm, class Disarm>
    void run(Arm arm, Disarm disarm) {
        const nothing_left_behind after;
        for (unsigned k = first_failure(); step(k, arm, disarm); ++k) {
        }
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
            wrong = what_is_wrong(std::current_exception());
        }
        const bool hit = disarm(member_.ends_pool ? nullptr : &*pool_);
        BOOST_TEST_CONTEXT("failure " << k) {
            BOOST_TEST(wrong == nullptr, (wrong == nullptr ? "" : wrong));
            if (!member_.ends_pool)
                check(beside);
        }
        if (member_.ends_pool || !walk_setting("PROCPOOL_WALK_FRESH").empty())
            end_pool();
        return hit;
    }

    void check(procpool::async_result<int>& beside) {
        try {
            BOOST_TEST(beside.get() == 42);
        } catch (const std::exception& why) {
            BOOST_TEST(false, "another call failed: " << why.what());
        }
        try {
            BOOST_TEST(pool_->apply(procpool::fn<plus_one>, 1) == 2);
            BOOST_TEST(pool_->size() == processes_);
        } catch (const std::exception& why) {
            BOOST_TEST(false, "the next call failed: " << why.what());
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
    const std::size_t processes_;
    std::optional<procpool::pool> pool_;
};

template <class Walk>
void for_each_member(Walk walk) {
    walk_watch::prepare_thread = [] {
        allocations::is_exempt = true;
    };
    walk_watch watch;
    const auto only = walk_setting("PROCPOOL_WALK_MEMBER");
    for (const auto& member : public_members())
        if (only.empty() || only == member.name)
            BOOST_TEST_CONTEXT(member.name) walk(member, watch);
}

using counter = procpool::shared_array<std::atomic<unsigned>>;

/// Tasks: from the result of the first on, the k-th allocation of the thread that runs tasks fails.
void fail_in_this_worker(const counter& count, unsigned k) {
    static const counter kept = count;
    allocations::failures = kept.data();
    allocations::until_failure_here = k;
}
void fail_no_more() {
    allocations::until_failure_here = 0;
}

/// Which allocation of a worker's start fails, in the first worker that takes it: those that replace it do
/// not fail likewise. It is the name of a file, which only one can remove.
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

    /// In a worker.
    static void take() {
        const char* const file = std::getenv(worker_start_variable);
        if (file != nullptr && ::unlink(file) == 0)
            allocations::fail_here(static_cast<unsigned>(std::atoi(std::strrchr(file, '.') + 1)));
    }

  private:
    std::filesystem::path file_;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_failed_allocation_in_the_callers_thread_fails_one_call) {
    for_each_member([](const public_member& member, walk_watch& watch) {
        member_walk(member, watch, 2)
            .run([](procpool::pool&, unsigned k) { allocations::fail_here(k); },
                 [](procpool::pool*) { return allocations::disarm(); });
    });
}

BOOST_AUTO_TEST_CASE(a_failed_allocation_in_the_pools_threads_fails_one_call) {
    for_each_member([](const public_member& member, walk_watch& watch) {
        member_walk(member, watch, 2)
            .run([](procpool::pool&, unsigned k) { allocations::fail_elsewhere(k); },
                 [](procpool::pool*) { return allocations::disarm(); });
    });
}

BOOST_AUTO_TEST_CASE(a_failed_allocation_in_a_worker_fails_one_call) {
    const counter count(1);
    for_each_member([&](const public_member& member, walk_watch& watch) {
        member_walk(member, watch, 2)
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

BOOST_AUTO_TEST_CASE(a_failed_allocation_while_a_worker_starts_fails_its_pool) {
    const nothing_left_behind after;
    walk_watch watch;
    for (unsigned k = first_failure();; ++k) {
        watch.step("the start of a worker", k);
        const failure_at_start failure(k);
        std::optional<procpool::pool> pool;
        try {
            pool.emplace(1);
        } catch (const procpool::start_failed&) {
            BOOST_TEST(failure.was_taken());
            continue;
        }
        bool done = false;
        try {
            done = pool->apply([] { return allocations::until_failure_here != 0; });
        } catch (const std::bad_alloc&) {
        }
        pool->apply([] { allocations::until_failure_here = 0; });
        BOOST_TEST(pool->apply(procpool::fn<plus_one>, 1) == 2);
        if (done)
            break;
    }
}

/// Each line of the environment is copied for each worker, in the same place.
void make_environment_short() {
    std::vector<std::string> others;
    for (char** line = environ; *line != nullptr; ++line) {
        const std::string_view text(*line);
        if (!text.starts_with("PROCPOOL") && text.find("SAN_OPTIONS=") == text.npos)
            others.emplace_back(text.substr(0, text.find('=')));
    }
    for (const auto& name : others)
        ::unsetenv(name.c_str());
}

int main(int argc, char** argv) {
    make_environment_short();
    failure_at_start::take();
    return pool_main(argc, argv);
}
