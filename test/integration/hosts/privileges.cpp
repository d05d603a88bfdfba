// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/host_programs.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

// Servers that are started as root, make a pool, and become another user: their workers belong to root, and
// the server cannot signal them. A child plays each program; its last word is "done".
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

constexpr uid_t nobody = 65534;

void give_up_root() {
    if (::setgroups(0, nullptr) == -1 || ::setgid(nobody) == -1 || ::setuid(nobody) == -1)
        say("root cannot be given up\n");
}

procpool::pool_options impatient(std::size_t processes) {
    return {.processes = processes, .terminate_grace = 10ms};
}

/// The user of the pool's workers: root, or the user that the program has become.
uid_t user_of_worker(procpool::pool& pool) {
    return pool.apply([] { return ::getuid(); });
}

void have_time_outs() {
    procpool::pool pool(impatient(1));
    give_up_root();
    expect(user_of_worker(pool) == 0, "a worker is still root's");
    for (int round = 0; round != 2; ++round) {
        const auto late = pool.apply_async(procpool::call_options{.timeout = 50ms}, [] { sleep_for_ever(); });
        try {
            late.get(patience);
            say("a value came\n");
        } catch (const procpool::task_timeout&) {
        } catch (const procpool::wait_timeout&) {
            say("no time-out came\n");
            ::_exit(1);
        }
    }
    expect(user_of_worker(pool) == nobody, "a replacement is not root's");
    use_up(pool);
}

void cancel_a_task() {
    procpool::pool pool(impatient(1));
    give_up_root();
    auto running = pool.apply_async([] { sleep_for_ever(); });
    eventually([&] { return pool.workers()[0].busy; });
    expect(running.cancel(), "it can be cancelled");
    try {
        running.get(patience);
    } catch (const procpool::task_cancelled&) {
    } catch (const procpool::wait_timeout&) {
        say("no end came\n");
        ::_exit(1);
    }
    use_up(pool);
}

void end_in_the_middle(bool stopped) {
    const auto begin = std::chrono::steady_clock::now();
    {
        procpool::pool pool(impatient(2));
        const auto running = pool.apply_async([] { sleep_for_ever(); });
        eventually([&] { return pool.workers()[0].busy || pool.workers()[1].busy; });
        if (stopped)
            for (const long worker : pids_of(pool)) {
                stop_process(worker);
                expect(eventually([&] { return is_stopped(worker); }), "a worker can be stopped");
            }
        give_up_root();
        pool.terminate();
    }
    expect(std::chrono::steady_clock::now() - begin < patience, "it ends soon");
}

const std::map<std::string, std::function<void()>> scripts{
    {"has time-outs", have_time_outs},
    {"cancels", cancel_a_task},
    {"terminates",
     [] {
         end_in_the_middle(false);
     }},
    {"terminates stopped workers",
     [] {
         end_in_the_middle(true);
     }},
};

int play(const std::string& script) {
    scripts.at(script)();
    say("done\n");
    return 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(privileges, nothing_left_behind)

BOOST_AUTO_TEST_CASE(time_outs_end_workers_of_another_user) {
    BOOST_TEST(answer_to("has time-outs") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_cancelled_task_ends_with_its_worker_of_another_user) {
    BOOST_TEST(answer_to("cancels") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_pool_with_workers_of_another_user_ends) {
    BOOST_TEST(answer_to("terminates") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_pool_ends_though_its_workers_cannot_be_ended) {
    BOOST_TEST(answer_to("terminates stopped workers") == "done\n");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    procpool::init();
    if (::getuid() != 0 && std::getenv(script_variable) == nullptr) {
        std::cout << "not run here: only root can become another user\n";
        return 77;
    }
    return pool_main(argc, argv, play);
}
