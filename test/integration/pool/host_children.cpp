// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/host_programs.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <sys/wait.h>
#include <unistd.h>

// Pools in programs that have children of their own, or treat children in their own way. A child plays each
// program; its last word is "done".
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

void ignore_ended_children() {
    std::signal(SIGCHLD, SIG_IGN);
    procpool::pool pool(2);
    use_up(pool, false);
}

void take_every_child() {
    std::atomic<bool> stop = false;
    std::thread thief([&] {
        while (!stop)
            if (::waitpid(-1, nullptr, WNOHANG) <= 0)
                std::this_thread::yield();
    });
    {
        procpool::pool pool(2);
        use_up(pool, false);
    }
    stop = true;
    thief.join();
}

void have_a_child_of_its_own() {
    const auto child = ::fork();
    if (child == 0)
        ::_exit(5);
    {
        procpool::pool pool(2);
        use_up(pool);
    }
    int status = 0;
    expect(::waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 5,
           "the host's child is the host's to reap");
}

/// Forks while the pool works; the copy ends by exit(), and destroys its copies of pools.
void fork_now_and_then() {
    static std::optional<procpool::pool> at_exit(std::in_place, 1U);
    procpool::pool pool(2);
    const auto pids = pids_of(pool);
    const auto others = pids_of(*at_exit);
    for (int round = 0; round != 4; ++round) {
        const auto running = pool.apply_async([] { std::this_thread::sleep_for(50ms); });
        const auto child = ::fork();
        if (child == 0) {
            if (round % 2 == 0) {
                static_cast<void>(procpool::pool(std::move(pool)));
                at_exit.reset();
            }
            std::exit(7);
        }
        int status = 0;
        expect(::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7,
               "the copy ends as it wants");
        running.get();
        expect(pids_of(pool) == pids && pids_of(*at_exit) == others, "no worker is touched");
        expect(at_exit->apply(procpool::fn<add_one>, round) == round + 1, "the other pool works");
    }
    use_up(pool);
}

const std::map<std::string, std::function<void()>> scripts{
    {"ignores SIGCHLD", ignore_ended_children},
    {"takes every child", take_every_child},
    {"has a child of its own", have_a_child_of_its_own},
    {"forks now and then", fork_now_and_then},
};

int play(const std::string& script) {
    scripts.at(script)();
    say("done\n");
    return 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(host_children, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_program_that_ignores_ended_children_only_lacks_their_status) {
    BOOST_TEST(answer_to("ignores SIGCHLD") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_program_that_takes_every_child_only_lacks_their_status) {
    BOOST_TEST(answer_to("takes every child") == "done\n");
}

BOOST_AUTO_TEST_CASE(children_of_the_program_are_left_alone) {
    BOOST_TEST(answer_to("has a child of its own") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_forked_copy_does_not_touch_the_workers) {
    BOOST_TEST(answer_to("forks now and then") == "done\n");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
