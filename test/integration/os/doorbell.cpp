// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/waiting.hpp"
#include "support/integration_main.hpp"
#include "support/mapping_facts.hpp"
#include "support/open_descriptors.hpp"

#include <boost/system/system_error.hpp>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

namespace os = procpool::os;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

namespace {

constexpr os::doorbell_kind both_kinds[] = {os::doorbell_kind::blocking, os::doorbell_kind::polled};

bool is_ringing(const os::doorbell& bell) {
    return bell.wait_until(clock_type::time_point::min());
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(doorbell, procpool::test::same_descriptors_after)

BOOST_AUTO_TEST_CASE(any_number_of_rings_wake_one_wait) {
    for (const auto kind : both_kinds) {
        const os::doorbell bell = os::doorbell::create(kind);
        BOOST_TEST(!is_ringing(bell));
        for (int i = 0; i < 3; ++i)
            bell.ring();
        BOOST_TEST(bell.wait());
        BOOST_TEST(!is_ringing(bell));
    }
}

BOOST_AUTO_TEST_CASE(a_timed_wait_takes_the_ring) {
    for (const auto kind : both_kinds) {
        const os::doorbell bell = os::doorbell::create(kind);
        bell.ring();
        BOOST_TEST(bell.wait_until(std::nullopt));
        bell.ring();
        BOOST_TEST(bell.wait_until(clock_type::time_point::max()));
        BOOST_TEST(!is_ringing(bell));
    }
}

BOOST_AUTO_TEST_CASE(a_deadline_is_waited_for) {
    for (const auto kind : both_kinds) {
        const os::doorbell bell = os::doorbell::create(kind);
        const auto deadline = clock_type::now() + 20ms;
        BOOST_TEST(!bell.wait_until(deadline));
        BOOST_TEST((clock_type::now() >= deadline));
    }
}

BOOST_AUTO_TEST_CASE(clearing_forgets_and_never_blocks) {
    for (const auto kind : both_kinds) {
        const os::doorbell bell = os::doorbell::create(kind);
        bell.clear();
        bell.ring();
        bell.clear();
        BOOST_TEST(!is_ringing(bell));
    }
}

BOOST_AUTO_TEST_CASE(ringing_leaves_errno_alone) {
    const os::doorbell bell = os::doorbell::create();
    errno = EDOM;
    bell.ring();
    BOOST_TEST(errno == EDOM);
}

BOOST_AUTO_TEST_CASE(an_adopted_bell_is_the_same_and_of_its_kind) {
    for (const auto kind : both_kinds) {
        const os::doorbell bell = os::doorbell::create(kind);
        const os::doorbell other = os::doorbell::adopt(procpool::test::same_handle(bell.handle()));
        BOOST_TEST(procpool::test::is_not_inherited(other.handle()));
        bell.ring();
        BOOST_TEST(other.wait());
        other.clear();
        BOOST_TEST(!is_ringing(bell));
    }
    BOOST_CHECK_THROW(os::doorbell::adopt(os::unique_handle()), boost::system::system_error);
}

BOOST_AUTO_TEST_CASE(no_ring_is_lost_between_two_threads) {
    for (const auto kind : both_kinds) {
        const os::doorbell there = os::doorbell::create(kind);
        const os::doorbell back = os::doorbell::create(kind);
        int shared = 0; // not atomic: the bells alone order the accesses
        std::thread other([&] {
            for (int i = 0; i < 1000; ++i) {
                static_cast<void>(there.wait());
                ++shared;
                back.ring();
            }
        });
        for (int i = 0; i < 1000; ++i) {
            ++shared;
            there.ring();
            static_cast<void>(back.wait());
        }
        other.join();
        BOOST_TEST(shared == 2000);
    }
}

BOOST_AUTO_TEST_CASE(several_threads_can_wait_on_a_polled_bell_with_a_deadline) {
    const os::doorbell bell = os::doorbell::create(os::doorbell_kind::polled);
    std::atomic<int> woken = 0;
    std::vector<std::thread> waiters;
    for (int i = 0; i < 4; ++i)
        waiters.emplace_back([&] { woken += bell.wait_until(clock_type::now() + 30ms) ? 1 : 0; });
    bell.ring();
    for (std::thread& waiter : waiters)
        waiter.join();
    BOOST_TEST(woken == 1);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::integration_main(argc, argv);
}
