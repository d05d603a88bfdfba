// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/waiting.hpp"

#include "support/integration_main.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include <boost/test/unit_test.hpp>

namespace os = procpool::os;

namespace {

/// Two variables that two threads write and read crosswise.
struct cross {
    alignas(64) std::atomic<int> often{0};
    alignas(64) std::atomic<int> seldom{0};
    alignas(64) std::atomic<int> round{0};
    alignas(64) std::atomic<int> done{0};
};

} // namespace

BOOST_AUTO_TEST_SUITE(process_fence)

BOOST_AUTO_TEST_CASE(of_two_threads_one_sees_what_the_other_wrote_though_only_one_has_a_fence) {
    BOOST_TEST_REQUIRE(os::prepare_process_fence());
    constexpr int rounds = 20'000; // fewer where both threads have to share a CPU
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    constexpr int over = rounds + 2;
    cross shared;
    int seen_often = 0;
    int neither = 0;
    std::thread other([&] {
        for (int i = 1; i <= rounds; ++i) {
            while (shared.round.load(std::memory_order_acquire) < i)
                std::this_thread::yield();
            if (shared.round.load(std::memory_order_relaxed) == over)
                return;
            shared.often.store(i, std::memory_order_relaxed);
            std::atomic_signal_fence(std::memory_order_seq_cst);
            seen_often = shared.seldom.load(std::memory_order_relaxed);
            shared.done.store(i, std::memory_order_release);
        }
    });
    int i = 1;
    for (; i <= rounds && std::chrono::steady_clock::now() < until; ++i) {
        shared.round.store(i, std::memory_order_release);
        shared.seldom.store(i, std::memory_order_relaxed);
        const bool fenced = os::process_fence();
        const int seen = shared.often.load(std::memory_order_relaxed);
        while (shared.done.load(std::memory_order_acquire) != i)
            std::this_thread::yield();
        neither += !fenced || (seen != i && seen_often != i);
    }
    shared.round.store(over, std::memory_order_release);
    other.join();
    BOOST_TEST(neither == 0);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::integration_main(argc, argv);
}
