// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/doorbell.hpp"
#include "os/doorbell_watch.hpp"
#include "support/integration_main.hpp"
#include "support/mapping_facts.hpp"
#include "support/open_descriptors.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace os = procpool::os;
using namespace std::chrono_literals;
using boost::system::error_code;
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
        bell.wait();
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
        other.wait();
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
                there.wait();
                ++shared;
                back.ring();
            }
        });
        for (int i = 0; i < 1000; ++i) {
            ++shared;
            there.ring();
            back.wait();
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

BOOST_FIXTURE_TEST_SUITE(doorbell_watch, procpool::test::same_descriptors_after)

BOOST_AUTO_TEST_CASE(a_ring_in_the_handler_is_there_for_the_next_wait) {
    asio::io_context context;
    const os::doorbell bell = os::doorbell::create(os::doorbell_kind::polled);
    os::doorbell_watch watch(context, bell);
    int heard = 0;
    std::function<void(error_code)> handler = [&](error_code error) {
        BOOST_TEST(!error);
        if (++heard < 5) {
            bell.ring();
            watch.async_wait(handler);
        }
    };
    bell.ring();
    bell.ring();
    watch.async_wait(handler);
    context.run();
    BOOST_TEST(heard == 5);
    BOOST_TEST(!is_ringing(bell));
}

BOOST_AUTO_TEST_CASE(a_wait_hears_a_ring_from_another_thread) {
    asio::io_context context;
    const os::doorbell bell = os::doorbell::create(os::doorbell_kind::polled);
    os::doorbell_watch watch(context, bell);
    bool heard = false;
    watch.async_wait([&](error_code error) { heard = !error; });
    std::thread ringer([&] { bell.ring(); });
    context.run();
    ringer.join();
    BOOST_TEST(heard);
}

BOOST_AUTO_TEST_CASE(a_cancelled_wait_is_aborted) {
    asio::io_context context;
    os::doorbell_watch watch(context, os::doorbell::create(os::doorbell_kind::polled));
    error_code result;
    watch.async_wait([&](error_code error) { result = error; });
    watch.cancel();
    context.run();
    BOOST_TEST((result == asio::error::operation_aborted));
}

// Of two waits for one event Asio runs one handler and queues the other, which it can no longer cancel.
BOOST_AUTO_TEST_CASE(a_wait_that_is_cancelled_after_its_event_came_is_aborted_and_leaves_the_ring) {
    asio::io_context context;
    const os::doorbell bell = os::doorbell::create(os::doorbell_kind::polled);
    os::doorbell_watch watch(context, bell);
    error_code result;
    watch.async_wait([&](error_code) {
        watch.cancel();
        bell.ring();
    });
    watch.async_wait([&](error_code error) { result = error; });
    bell.ring();
    context.run();
    BOOST_TEST((result == asio::error::operation_aborted));
    BOOST_TEST(is_ringing(bell));
}

BOOST_AUTO_TEST_CASE(a_watch_may_go_while_and_after_its_event_comes) {
    asio::io_context context;
    const os::doorbell bell = os::doorbell::create(os::doorbell_kind::polled);
    std::optional<os::doorbell_watch> watch(std::in_place, context, bell);
    error_code result;
    watch->async_wait([&](error_code) { watch.reset(); });
    watch->async_wait([&](error_code error) { result = error; });
    bell.ring();
    context.run();
    BOOST_TEST((result == asio::error::operation_aborted));
}

BOOST_AUTO_TEST_CASE(the_bell_may_go_before_its_watch) {
    asio::io_context context;
    std::optional<os::doorbell> bell = os::doorbell::create(os::doorbell_kind::polled);
    os::doorbell_watch watch(context, *bell);
    bell->ring();
    bell.reset();
    bool heard = false;
    watch.async_wait([&](error_code error) { heard = !error; });
    context.run();
    BOOST_TEST(heard);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::integration_main(argc, argv);
}
