// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/waiting.hpp"

#include "support/integration_main.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

namespace os = procpool::os;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

BOOST_AUTO_TEST_SUITE(park)

BOOST_AUTO_TEST_CASE(a_word_that_has_changed_already_is_not_slept_on) {
    std::atomic<std::uint32_t> word = 1;
    os::park(word, 0, std::nullopt);
    BOOST_TEST(word.load() == 1u);
}

BOOST_AUTO_TEST_CASE(a_deadline_ends_the_sleep_and_not_before) {
    std::atomic<std::uint32_t> word = 0;
    const auto deadline = clock_type::now() + 20ms;
    while (clock_type::now() < deadline)
        os::park(word, 0, deadline);
    os::park(word, 0, clock_type::now() - 1h);
    os::park(word, 0, clock_type::time_point::min());
    BOOST_TEST(word.load() == 0u);
}

BOOST_AUTO_TEST_CASE(a_deadline_that_never_comes_is_none) {
    std::atomic<std::uint32_t> word = 0;
    std::thread waker([&] {
        word = 1;
        os::unpark_one(word);
    });
    while (word == 0)
        os::park(word, 0, clock_type::time_point::max());
    waker.join();
}

BOOST_AUTO_TEST_CASE(two_threads_wake_each_other_in_turn) {
    constexpr std::uint32_t turns = 2000;
    std::atomic<std::uint32_t> turn = 0;
    const auto play = [&](std::uint32_t parity) {
        for (std::uint32_t now = turn; now < turns; now = turn) {
            if (now % 2 == parity) {
                turn = now + 1;
                os::unpark_one(turn);
            } else {
                os::park(turn, now, std::nullopt);
            }
        }
    };
    std::thread even(play, 0u);
    play(1);
    even.join();
    BOOST_TEST(turn.load() == turns);
}

BOOST_AUTO_TEST_CASE(all_sleepers_are_woken_at_once) {
    std::atomic<std::uint32_t> word = 0;
    std::atomic<int> started = 0;
    std::vector<std::thread> sleepers;
    for (int i = 0; i < 5; ++i) {
        sleepers.emplace_back([&] {
            ++started;
            while (word == 0)
                os::park(word, 0, std::nullopt);
        });
    }
    while (started < 5)
        os::cpu_relax();
    word = 1;
    os::unpark_all(word);
    for (std::thread& sleeper : sleepers)
        sleeper.join();
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::integration_main(argc, argv);
}
