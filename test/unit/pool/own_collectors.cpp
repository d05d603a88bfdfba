// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "pool/own_collectors.hpp"

#include <boost/test/unit_test.hpp>

#include <condition_variable>
#include <mutex>

using procpool::pooling::own_collector;
using procpool::pooling::own_collectors;

namespace {

// Outlives the threads, also detached ones. Not std::atomic::wait, which in libstdc++ 12 may miss a
// notification on systems without a futex.
struct {
    std::mutex mutex;
    std::condition_variable changed;
    unsigned run = 0;
    own_collector* newest = nullptr;
} started;

/// Threads that end at once. The pool decides whether a thread has ended, so each test sets this.
struct threads {
    own_collectors all;

    threads() { started.run = 0; }
    own_collector& add() {
        started.newest = nullptr;
        all.add([](own_collector& self) {
            const std::lock_guard held(started.mutex);
            ++started.run;
            started.newest = &self;
            started.changed.notify_one();
        });
        std::unique_lock held(started.mutex);
        started.changed.wait(held, [] { return started.newest != nullptr; });
        return *started.newest;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(threads_of_a_pool, threads)

BOOST_AUTO_TEST_CASE(each_thread_runs_with_its_own_entry) {
    const auto& first = add();
    const auto& second = add();
    BOOST_TEST(&first != &second);
    all.end();
    all.join();
    BOOST_TEST(started.run == 2u);
}

BOOST_AUTO_TEST_CASE(threads_that_have_ended_are_taken_out) {
    auto& first = add();
    auto& second = add();
    BOOST_TEST(all.take_ended().empty());
    first.has_ended = true;
    BOOST_TEST(!all.all_have_ended());
    const auto ended = all.take_ended();
    BOOST_TEST_REQUIRE(ended.size() == 1u);
    BOOST_TEST(ended.front().get() == &first);
    second.has_ended = true;
    BOOST_TEST(all.all_have_ended());
    BOOST_TEST(all.take_ended().size() == 1u);
    BOOST_TEST(all.take_ended().empty());
}

BOOST_AUTO_TEST_CASE(they_go_on_until_they_are_to_end) {
    BOOST_TEST(!all.ending());
    all.end();
    BOOST_TEST(all.ending());
}

BOOST_AUTO_TEST_CASE(a_pool_is_kept_for_detached_threads_that_have_not_ended) {
    auto& first = add();
    auto& second = add();
    first.has_ended = true;
    all.end();
    unsigned kept = 0;
    all.detach([&](own_collector& each) {
        BOOST_TEST(&each == &second);
        ++kept;
    });
    BOOST_TEST(kept == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
