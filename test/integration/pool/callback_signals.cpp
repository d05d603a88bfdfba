// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/event.hpp"
#include "support/eventually.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>

// The user's code in threads of the library has the signal mask of the thread that made the pool: programs
// that it starts inherit the mask, and must be ended by SIGTERM and Ctrl-C.
namespace {

sigset_t mask_of_this_thread() {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    return mask;
}

/// The thread in which a codec runs, in the parent.
struct noted {
    int number = 0;
};
std::mutex mutex;
std::vector<sigset_t> masks_of_codecs;

} // namespace

template <>
struct procpool::codec<noted> {
    static void encode(procpool::encoder& out, const noted& value) { out.write(value.number); }
    static noted decode(procpool::decoder& in) {
        const std::lock_guard lock(mutex);
        masks_of_codecs.push_back(mask_of_this_thread());
        return {in.read<int>()};
    }
};

namespace {

noted make(int number) {
    return {number};
}

void tell_mask_of_stop_callback(const std::string& file) {
    std::atomic<bool> called = false;
    const std::stop_callback on_stop(procpool::this_task::stop_token(), [&] {
        const auto mask = mask_of_this_thread();
        int blocked = 0;
        for (int signal = 1; signal != NSIG; ++signal)
            blocked += sigismember(&mask, signal) == 1;
        std::ofstream(file) << "blocked: " << blocked << std::endl;
        called = true;
    });
    while (!called)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// Blocks one signal in this thread until the end of the scope.
class usr1_blocked {
  public:
    usr1_blocked() {
        sigset_t usr1;
        sigemptyset(&usr1);
        sigaddset(&usr1, SIGUSR1);
        pthread_sigmask(SIG_BLOCK, &usr1, &before_);
    }
    usr1_blocked(const usr1_blocked&) = delete;
    usr1_blocked& operator=(const usr1_blocked&) = delete;
    ~usr1_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

void check(const sigset_t& mask) {
    BOOST_TEST(sigismember(&mask, SIGTERM) == 0);
    BOOST_TEST(sigismember(&mask, SIGINT) == 0);
    BOOST_TEST(sigismember(&mask, SIGCHLD) == 0);
    BOOST_TEST(sigismember(&mask, SIGUSR1) == 1);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(callback_signals, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(callbacks_and_codecs_have_the_mask_of_the_thread_that_made_the_pool) {
    masks_of_codecs.clear();
    std::optional<procpool::pool> pool;
    {
        const usr1_blocked as_the_pool_is_made;
        pool.emplace(1);
    }
    procpool::test::event called;
    sigset_t mask_of_callback{};
    auto result = pool->apply_async(procpool::fn<make>, 1);
    result.on_success([&](const noted&) {
        mask_of_callback = mask_of_this_thread();
        called.happen();
    });
    BOOST_REQUIRE(called.wait());
    check(mask_of_callback);
    const std::lock_guard lock(mutex);
    BOOST_REQUIRE(masks_of_codecs.size() == 1u);
    check(masks_of_codecs.front());
}

BOOST_AUTO_TEST_CASE(a_callback_after_its_pool_has_that_mask_too) {
    std::optional<procpool::async_result<noted>> result;
    {
        const usr1_blocked as_the_pool_is_made;
        procpool::pool pool(1);
        result = pool.apply_async(procpool::fn<make>, 1);
        BOOST_TEST(result->get().number == 1);
    }
    procpool::test::event called;
    sigset_t mask_of_callback{};
    result->on_success([&](const noted&) {
        mask_of_callback = mask_of_this_thread();
        called.happen();
    });
    BOOST_REQUIRE(called.wait());
    check(mask_of_callback);
}

BOOST_AUTO_TEST_CASE(a_stop_callback_blocks_no_signals) {
    procpool::pool pool({.processes = 1, .task_timeout = std::chrono::milliseconds(50)});
    std::string told;
    const procpool::test::temporary_folder folder;
    const auto file = folder.file("mask");
    const auto result = pool.apply_async(procpool::fn<tell_mask_of_stop_callback>, file);
    BOOST_CHECK_THROW(result.get(), procpool::task_timeout);
    BOOST_REQUIRE(procpool::test::eventually(
        [&] { return std::getline(std::ifstream(file) >> std::ws, told) && told != ""; }));
    BOOST_TEST(told == "blocked: 0");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
