// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/stopping_tasks.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

// this_task::stop_token: how a task learns that it should stop.
using namespace std::chrono_literals;
using namespace procpool::test;

BOOST_FIXTURE_TEST_SUITE(stop_token, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_task_that_asks_for_its_token_late_finds_that_it_is_to_stop) {
    procpool::pool pool(with_grace(1, endless));
    const gate gate;
    auto result = pool.apply_async(
        [](const std::string& path) {
            pass(path, 0);
            append_line(path + ".stop", std::to_string(eventually([] {
                            return procpool::this_task::stop_token().stop_requested();
                        })));
        },
        gate.path());
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    BOOST_TEST(result.cancel());
    gate.open();
    BOOST_CHECK_THROW(result.get(), procpool::task_cancelled);
    BOOST_TEST((lines_of(gate.path() + ".stop") == std::vector<std::string>{"1"}));
}

BOOST_AUTO_TEST_CASE(a_stop_callback_is_called) {
    procpool::pool pool(with_grace(1, endless));
    const temporary_folder folder;
    const auto file = folder.file("log");
    auto result = pool.apply_async(
        [](const std::string& to) {
            std::atomic<bool> stop{false};
            const std::stop_callback when_stopped(procpool::this_task::stop_token(), [&] {
                append_line(to, "called");
                stop = true;
            });
            append_line(to, "began");
            if (!eventually([&] { return stop.load(); }))
                throw std::runtime_error("nobody asked it to stop");
        },
        file);
    BOOST_TEST_REQUIRE(wait_for_lines(file, 1));
    result.cancel();
    BOOST_CHECK_THROW(result.get(), procpool::task_cancelled);
    BOOST_TEST((lines_of(file) == std::vector<std::string>{"began", "called"}));
}

BOOST_AUTO_TEST_CASE(a_stop_callback_that_blocks_keeps_no_other_task_from_being_asked) {
    procpool::pool pool(with_grace(1, endless));
    const temporary_folder folder;
    auto blocked = pool.apply_async(
        [](const std::string& to) {
            // Never destroyed: the destructor would wait for the callback.
            new std::stop_callback(procpool::this_task::stop_token(), [to] {
                append_line(to, "called");
                std::this_thread::sleep_for(endless);
            });
            append_line(to, "began");
            if (!wait_for_lines(to, 2))
                throw std::runtime_error("the callback was not called");
        },
        folder.file("blocked"));
    BOOST_TEST_REQUIRE(wait_for_lines(folder.file("blocked"), 1));
    blocked.cancel();
    BOOST_CHECK_THROW(blocked.get(), procpool::task_cancelled);
    auto next = pool.apply_async(procpool::fn<await_stop>, folder.file("next"));
    BOOST_TEST_REQUIRE(wait_for_lines(folder.file("next"), 1));
    next.cancel();
    BOOST_CHECK_THROW(next.get(), procpool::task_cancelled);
    BOOST_TEST(lines_of(folder.file("next")).back() == "stopped");
}

BOOST_AUTO_TEST_CASE(the_next_task_is_not_asked_to_stop) {
    procpool::pool pool(with_grace(1, endless));
    const temporary_folder folder;
    for (int round = 0; round != 20; ++round) {
        const auto file = folder.file(std::to_string(round));
        auto result = pool.apply_async(procpool::fn<await_stop>, file);
        auto next = pool.apply_async([] { return procpool::this_task::stop_token().stop_requested(); });
        BOOST_TEST_REQUIRE(wait_for_lines(file, 1));
        result.cancel();
        BOOST_TEST(!next.get());
        BOOST_CHECK_THROW(result.get(), procpool::task_cancelled);
    }
}

BOOST_AUTO_TEST_CASE(who_is_no_task_has_no_token) {
    BOOST_TEST(!procpool::this_task::active());
    BOOST_CHECK_THROW(procpool::this_task::stop_token(), std::logic_error);
    BOOST_CHECK_THROW(procpool::this_task::report(0.5), std::logic_error);
    procpool::pool pool(1);
    BOOST_TEST(pool.apply([] { return procpool::this_task::active(); }));
    BOOST_TEST(pool.apply([] {
        bool active = true;
        std::thread([&] { active = procpool::this_task::active(); }).join();
        return !active;
    }));
    BOOST_TEST(!procpool::this_task::active());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
