// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/environment.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/run_bound.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/use_future.hpp>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// Replacements that cannot be started: the pool tries a few times, then reports this to the waiting caller,
// and can still be ended.
namespace {

/// Long enough for a worker that does not hang.
#if defined(_WIN32)
constexpr std::chrono::seconds short_start_timeout{5};
#else
constexpr std::chrono::seconds short_start_timeout{1};
#endif

using namespace procpool::test;
using namespace std::chrono_literals;
using procpool::bind;
using procpool::fn;

/// The fault of workers that start while a certain file exists.
enum class trouble { throws, exits, hangs };

void get_into(trouble what, const std::string& file, const std::string& attempts) {
    if (!exists(file))
        return;
    append_line(attempts, std::to_string(procpool::this_worker::index()));
    switch (what) {
    case trouble::throws:
        throw std::runtime_error("the licence server is gone");
    case trouble::exits:
        std::_Exit(5);
    case trouble::hangs:
        sleep_for_ever();
    }
}

constexpr const char* hang_variable = "PROCPOOL_TEST_HANG_IF";

/// A pool whose replacements fail from `begin` on.
struct troubled {
    temporary_folder folder;
    std::string file = folder.file("trouble");
    std::string attempts = folder.file("attempts");
    std::unique_ptr<procpool::pool> pool;

    explicit troubled(trouble what, std::size_t processes = 1, std::chrono::nanoseconds start_timeout = 1h)
        : pool(std::make_unique<procpool::pool>(
              procpool::pool_options{.processes = processes,
                                     .initializer = bind(fn<get_into>, what, file, attempts),
                                     .start_timeout = start_timeout})) {}

    /// From now on no worker can be started, and one is needed.
    void begin() const {
        append_line(file, "now");
        BOOST_CHECK_THROW(pool->apply([] { kill_itself(); }), procpool::worker_lost);
    }
    std::size_t attempted() const { return lines_of(attempts).size(); }
};

int twice(int n) {
    return 2 * n;
}

/// Checks that the call fails because no worker could be started, with the reason `why`.
template <class Function>
void check_start_failed(Function function, const std::string& why) {
    try {
        function();
        BOOST_ERROR("nothing was thrown");
    } catch (const procpool::start_failed& caught) {
        BOOST_TEST(std::string(caught.what()).find(why) != std::string::npos, caught.what());
    }
}

constexpr std::size_t max_attempts = 5;

} // namespace

BOOST_FIXTURE_TEST_SUITE(replacement_start, nothing_left_behind)

BOOST_AUTO_TEST_CASE(tasks_that_wait_for_a_worker_fail_with_what_its_initializer_said) {
    const troubled t(trouble::throws);
    append_line(t.file, "now");
    auto lost = t.pool->apply_async([] { kill_itself(); });
    auto call = t.pool->apply_async(fn<twice>, 1);
    auto map = t.pool->map_async(fn<twice>, std::vector<int>(500, 1));
    auto stream = t.pool->imap(fn<twice>, std::vector<int>(3, 1));
    auto operation = t.pool->async_apply(bind(fn<twice>, 1), boost::asio::use_future);
    BOOST_CHECK_THROW(lost.get(), procpool::worker_lost);
    const std::string why = "the licence server is gone";
    check_start_failed([&] { call.get(); }, why);
    check_start_failed([&] { map.get(); }, why);
    for (int i = 0; i != 3; ++i)
        check_start_failed([&] { stream.next(); }, why);
    BOOST_TEST(!stream.next());
    check_start_failed([&] { operation.get(); }, why);
}

BOOST_AUTO_TEST_CASE(there_is_no_endless_respawning) {
    const troubled t(trouble::throws);
    t.begin();
    check_start_failed([&] { t.pool->apply(fn<twice>, 1); }, "the licence server is gone");
    const auto attempted = t.attempted();
    BOOST_TEST(attempted >= 1U);
    BOOST_TEST(attempted <= max_attempts);
    for (int i = 0; i != 20; ++i)
        check_start_failed([&] { t.pool->apply(fn<twice>, 1); }, "the licence server is gone");
    t.pool->close();
    t.pool->join();
    BOOST_TEST(t.attempted() <= max_attempts);
    BOOST_CHECK_THROW(t.pool->apply(fn<twice>, 1), procpool::pool_closed);
}

BOOST_AUTO_TEST_CASE(an_initializer_that_ends_its_process_is_a_failure_too) {
    const troubled t(trouble::exits, 2);
    append_line(t.file, "now");
    for (int i = 0; i != 2; ++i)
        BOOST_CHECK_THROW(t.pool->apply([] { kill_itself(); }), procpool::worker_lost);
    check_start_failed([&] { t.pool->map(fn<twice>, std::vector<int>(10, 1)); }, "exited with status 5");
    BOOST_TEST(t.attempted() <= 2 * max_attempts);
    t.pool->terminate();
    t.pool->join();
}

BOOST_AUTO_TEST_CASE(the_other_workers_go_on) {
    const troubled t(trouble::throws, 3);
    t.begin();
    BOOST_TEST(t.pool->map(fn<twice>, std::vector<int>(1000, 4)) == std::vector<int>(1000, 8),
               boost::test_tools::per_element());
    BOOST_TEST(eventually([&] { return t.attempted() >= 1; }));
    BOOST_TEST(t.pool->apply(fn<twice>, 4) == 8);
    BOOST_TEST(t.pool->size() == 3U);
    BOOST_TEST(t.pool->workers().size() == 3U);
    t.pool->close();
    t.pool->join();
    BOOST_TEST(t.attempted() <= max_attempts);
}

BOOST_AUTO_TEST_CASE(trouble_that_passes_is_survived) {
    const troubled t(trouble::hangs);
    append_line(t.file, "now");
    auto lost = t.pool->apply_async([] { kill_itself(); });
    auto next = t.pool->apply_async(fn<twice>, 21);
    BOOST_CHECK_THROW(lost.get(), procpool::worker_lost);
    BOOST_TEST(wait_for_lines(t.attempts, 1)); // the first attempt hangs
    std::filesystem::remove(t.file);
    BOOST_REQUIRE(children_of(own_pid()).size() == 1U);
    kill_process(children_of(own_pid())[0]);
    BOOST_TEST(next.get() == 42);
}

BOOST_AUTO_TEST_CASE(a_hanging_initializer_is_ended_after_the_start_timeout) {
    const troubled t(trouble::hangs, 1, short_start_timeout);
    t.begin();
    check_start_failed([&] { t.pool->apply(fn<twice>, 1); }, "start_timeout");
    BOOST_TEST(t.attempted() <= max_attempts);
    t.pool->close();
    t.pool->join();
}

BOOST_AUTO_TEST_CASE(joining_does_not_wait_for_the_initializer_of_a_worker_that_nobody_needs) {
    const troubled t(trouble::hangs, 2); // for an hour, if it were waited for
    t.begin();
    BOOST_TEST(wait_for_lines(t.attempts, 1));
    auto needed = t.pool->apply_async(fn<twice>, 4);
    t.pool->close();
    t.pool->join();
    BOOST_TEST(needed.get() == 8); // ran in the other worker
    BOOST_TEST(t.attempted() == 1U);
}

BOOST_AUTO_TEST_CASE(joining_a_pool_that_was_closed_long_ago_does_not_either) {
    const troubled t(trouble::hangs, 2);
    const temporary_folder folder;
    auto last = t.pool->apply_async(
        [](const std::string& file) {
            wait_for_file(file);
            kill_itself();
        },
        folder.file("go"));
    t.begin(); // in the other worker
    BOOST_TEST(wait_for_lines(t.attempts, 1));
    t.pool->close();
    append_line(folder.file("go"), "on");
    BOOST_CHECK_THROW(last.get(), procpool::worker_lost);
    t.pool->join();
}

BOOST_AUTO_TEST_CASE(terminating_does_not_wait_for_a_hanging_initializer) {
    const troubled t(trouble::hangs, 2);
    t.begin();
    BOOST_TEST(wait_for_lines(t.attempts, 1));
    BOOST_CHECK_THROW(t.pool->apply([] { kill_itself(); }), procpool::worker_lost);
    auto waits = t.pool->apply_async(fn<twice>, 1);
    t.pool->terminate();
    BOOST_CHECK_THROW(waits.get(), procpool::pool_terminated);
    t.pool->join();
}

BOOST_AUTO_TEST_CASE(a_pool_is_dropped_with_a_hanging_initializer) {
    troubled t(trouble::hangs);
    t.begin();
    auto waits = t.pool->apply_async(fn<twice>, 1);
    BOOST_TEST(wait_for_lines(t.attempts, 1));
    BOOST_TEST(t.pool->workers().size() == 1U);
    t.pool.reset();
    BOOST_CHECK_THROW(waits.get(), procpool::pool_terminated);
}

BOOST_AUTO_TEST_CASE(what_waits_for_a_hanging_initializer_can_be_cancelled) {
    const troubled t(trouble::hangs);
    t.begin();
    auto waits = t.pool->apply_async(fn<twice>, 1);
    BOOST_TEST(wait_for_lines(t.attempts, 1));
    BOOST_CHECK_THROW(waits.get(1ms), procpool::wait_timeout);
    BOOST_TEST(waits.cancel());
    BOOST_CHECK_THROW(waits.get(), procpool::task_cancelled);
}

BOOST_AUTO_TEST_CASE(a_replacement_that_hangs_before_init_is_ended_after_the_start_timeout) {
    const temporary_folder folder;
    set_environment(hang_variable, folder.file("hang"));
    {
        procpool::pool pool({.processes = 1, .start_timeout = short_start_timeout});
        BOOST_TEST(pool.apply(fn<twice>, 1) == 2);
        append_line(folder.file("hang"), "now");
        BOOST_CHECK_THROW(pool.apply([] { kill_itself(); }), procpool::worker_lost);
        check_start_failed([&] { pool.apply(fn<twice>, 1); }, "start_timeout");
    }
    unset_environment(hang_variable);
}

BOOST_AUTO_TEST_CASE(new_workers_that_nobody_needs_do_not_hold_up_the_end) {
    const troubled t(trouble::hangs, 1);
    append_line(t.file, "now");
    std::thread growing([&] {
        try {
            t.pool->resize(4);
        } catch (const procpool::pool_closed&) { // it was closed before
        }
    });
    static_cast<void>(eventually([&] { return t.pool->size() == 4U; }));
    t.pool->close();
    t.pool->join();
    growing.join();
}

BOOST_AUTO_TEST_CASE(joining_does_not_wait_for_a_replacement_that_hangs_before_init) {
    const temporary_folder folder;
    set_environment(hang_variable, folder.file("hang"));
    {
        procpool::pool pool({.processes = 1, .start_timeout = 1h});
        append_line(folder.file("hang"), "now");
        BOOST_CHECK_THROW(pool.apply([] { kill_itself(); }), procpool::worker_lost);
        BOOST_TEST(eventually([] { return children_of(own_pid()).size() == 1U; }));
        pool.close();
        pool.join();
    }
    unset_environment(hang_variable);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    if (const char* const file = std::getenv(hang_variable); file != nullptr && exists(file))
        sleep_for_ever();
    return pool_main(argc, argv);
}
