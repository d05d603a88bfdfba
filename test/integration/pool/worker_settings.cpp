// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/environment.hpp"
#include "support/event.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"
#include "support/worker_surroundings.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// What settings_for says about a worker: its environment, CPUs, niceness and directory.
using namespace procpool::test;
using namespace std::chrono_literals;
using procpool::fn;
using procpool::worker_settings;

namespace {

/// Before main(): the CPUs with which this process was started.
const std::vector<std::size_t> cpus_at_start = own_cpus();

std::vector<std::size_t> cpus_of_start() {
    return cpus_at_start;
}

std::optional<std::string> variable(const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

std::string folder_of_worker() {
    return std::filesystem::current_path().string();
}

[[maybe_unused]] int niceness_of_worker() {
    return own_niceness();
}

int twice(int n) {
    return 2 * n;
}

/// Takes no function.
struct full_executor {
    boost::asio::io_context* of;

    boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept { return *of; }
    static constexpr boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) noexcept {
        return boost::asio::execution::blocking.never;
    }
    full_executor require(boost::asio::execution::blocking_t::never_t) const noexcept { return *this; }
    template <class Function>
    void execute(const Function&) const {
        throw std::runtime_error("the executor is full");
    }
    friend bool operator==(const full_executor&, const full_executor&) noexcept = default;
};

/// One worker with these settings.
procpool::pool pool_of(const worker_settings& settings) {
    return procpool::pool({.processes = 1, .settings_for = [=](std::size_t) {
                               return settings;
                           }});
}

/// Checks that no worker can have these settings, and that the reason has these words.
void check_refused(const worker_settings& settings, const std::vector<std::string>& words) {
    try {
        const auto pool = pool_of(settings);
        BOOST_ERROR("the pool was started");
    } catch (const procpool::start_failed& why) {
        for (const auto& each : words)
            BOOST_TEST(std::string(why.what()).find(each) != std::string::npos, why.what());
        BOOST_TEST(std::string(why.what()).find("Worker 0 ") != std::string::npos, why.what());
    }
}

/// Counts the calls of a settings_for, and the threads in which they were made.
struct call_log {
    std::mutex mutex;
    std::vector<std::size_t> workers;
    std::vector<std::thread::id> threads;

    void note(std::size_t worker) {
        const std::lock_guard held(mutex);
        workers.push_back(worker);
        threads.push_back(std::this_thread::get_id());
    }
    std::size_t calls() {
        const std::lock_guard held(mutex);
        return workers.size();
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(worker_settings_, nothing_left_behind)

BOOST_AUTO_TEST_CASE(variables_are_set_replaced_and_unset) {
    set_environment("PROCPOOL_TEST_KEPT", "kept");
    set_environment("PROCPOOL_TEST_REPLACED", "old");
    set_environment("PROCPOOL_TEST_GONE", "there");
    set_environment("PROCPOOL_TEST_BOTH", "there");
    auto pool = pool_of({.environment = {{"PROCPOOL_TEST_SET", "a=b c"},
                                         {"PROCPOOL_TEST_REPLACED", "new"},
                                         {"PROCPOOL_TEST_BOTH", "set"}},
                         .unset = {"PROCPOOL_TEST_GONE", "PROCPOOL_TEST_BOTH", "PROCPOOL_TEST_NEVER"}});
    const auto of = [&](const char* name) {
        return pool.apply(fn<variable>, name).value_or("(none)");
    };
    BOOST_TEST(of("PROCPOOL_TEST_SET") == "a=b c");
    BOOST_TEST(of("PROCPOOL_TEST_KEPT") == "kept");
    BOOST_TEST(of("PROCPOOL_TEST_REPLACED") == "new");
    BOOST_TEST(of("PROCPOOL_TEST_GONE") == "(none)");
    BOOST_TEST(of("PROCPOOL_TEST_BOTH") == "set");
    BOOST_TEST(*variable("PROCPOOL_TEST_REPLACED") == "old"); // the parent's stay
    for (const char* name :
         {"PROCPOOL_TEST_KEPT", "PROCPOOL_TEST_REPLACED", "PROCPOOL_TEST_GONE", "PROCPOOL_TEST_BOTH"})
        unset_environment(name);
}

BOOST_AUTO_TEST_CASE(a_worker_has_its_cpus_from_its_start_and_others_have_the_parents) {
    const auto all = own_cpus();
    procpool::pool pool({.processes = 3, .settings_for = [&](std::size_t index) {
                             worker_settings out;
                             if (index == 1)
                                 out.cpus = {all.back()};
                             return out;
                         }});
    BOOST_TEST(pool.apply({.worker = 1}, fn<cpus_of_start>) == std::vector<std::size_t>{all.back()},
               boost::test_tools::per_element());
    for (const std::size_t other : {std::size_t{0}, std::size_t{2}})
        BOOST_TEST(pool.apply({.worker = other}, fn<cpus_of_start>) == all, boost::test_tools::per_element());
    BOOST_TEST(own_cpus() == all, boost::test_tools::per_element());
}

#if !defined(PROCPOOL_TEST_BY_WINE) // lacks the priority class that a program asks for
BOOST_AUTO_TEST_CASE(niceness_is_added_to_the_parents) {
    auto pool = pool_of({.niceness = 5});
    BOOST_TEST(pool.apply(fn<niceness_of_worker>) == niceness_with(5));
    auto nicest = pool_of({.niceness = 1'000'000});
    BOOST_TEST(nicest.apply(fn<niceness_of_worker>) == niceness_with(100));
    auto same = pool_of({});
    BOOST_TEST(same.apply(fn<niceness_of_worker>) == own_niceness());
}

BOOST_AUTO_TEST_CASE(a_niceness_that_needs_a_privilege_is_granted_or_refused_in_words) {
    std::optional<procpool::pool> pool;
    try {
        pool.emplace(pool_of({.niceness = -3}));
    } catch (const procpool::start_failed& why) {
        BOOST_TEST(std::string(why.what()).find("niceness") != std::string::npos, why.what());
        return;
    }
    BOOST_TEST(pool->apply(fn<niceness_of_worker>) == niceness_with(-3));
}
#endif

BOOST_AUTO_TEST_CASE(a_worker_starts_in_its_directory) {
    const temporary_folder folder;
    const auto wanted = std::filesystem::canonical(folder.file("")).string();
    auto pool = pool_of({.directory = wanted});
    BOOST_TEST(std::filesystem::equivalent(pool.apply(fn<folder_of_worker>), wanted));
}

BOOST_AUTO_TEST_CASE(a_relative_directory_is_found_from_where_the_pool_was_made) {
    const temporary_folder folder;
    std::filesystem::create_directory(folder.file("inside"));
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder.file(""));
    auto pool = pool_of({.directory = "inside"});
    std::filesystem::current_path(before);
    const auto pid = pids_of(pool).front();
    BOOST_TEST(std::filesystem::equivalent(pool.apply(fn<folder_of_worker>), folder.file("inside")));
    kill_process(pid);
    BOOST_TEST(is_replaced(pool, 0, pid));
    BOOST_TEST(std::filesystem::equivalent(pool.apply(fn<folder_of_worker>), folder.file("inside")));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_set_fails_the_start_in_words) {
    using namespace std::string_literals;
    check_refused({.environment = {{"A=B", "1"}}}, {"environment variable", "A=B"});
    check_refused({.environment = {{"", "1"}}}, {"environment variable"});
    check_refused({.environment = {{"PROCPOOL_TEST_NUL", "a\0b"s}}}, {"PROCPOOL_TEST_NUL", "NUL"});
    check_refused({.unset = {"A=B"}}, {"environment variable", "A=B"});
    check_refused({.cpus = {60'000}}, {"CPU 60000"});
    check_refused({.cpus = {own_cpus().front(), static_cast<std::size_t>(-1)}}, {"CPU 1844674407"});
    check_refused({.directory = "procpool-no-such-directory"}, {"procpool-no-such-directory"});
}

BOOST_AUTO_TEST_CASE(a_refused_cpu_leaves_the_other_workers_the_parents) {
    std::atomic<bool> wrong = false;
    procpool::pool pool({.processes = 2, .settings_for = [&](std::size_t index) {
                             worker_settings out;
                             if (index == 1 && wrong)
                                 out.cpus = {own_cpus().back(), 60'000};
                             return out;
                         }});
    wrong = true;
    const auto pids = pids_of(pool);
    kill_process(pids[1]);
    BOOST_CHECK_THROW(pool.apply({.worker = 1}, fn<twice>, 1), procpool::start_failed);
    kill_process(pids[0]);
    BOOST_TEST(eventually([&] { return pids_of(pool)[0] != pids[0] && pids_of(pool)[0] != 0; }));
    BOOST_TEST(pool.apply(fn<cpus_of_start>) == own_cpus(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(it_is_asked_before_every_start_and_in_the_callers_thread_by_constructor_and_resize) {
    call_log log;
    procpool::pool pool(
        {.processes = 2, .settings_for = [&](std::size_t index) {
             log.note(index);
             return worker_settings{.environment = {{"PROCPOOL_TEST_CALL", std::to_string(log.calls())}}};
         }});
    BOOST_TEST(log.calls() == 2u);
    pool.resize(3);
    BOOST_TEST(log.workers.back() == 2u);
    for (const auto& thread : log.threads)
        BOOST_TEST((thread == std::this_thread::get_id()));
    const auto pid = pids_of(pool)[1];
    kill_process(pid);
    BOOST_TEST(is_replaced(pool, 1, pid));
    BOOST_TEST(log.calls() == 4u);
    BOOST_TEST(log.workers.back() == 1u);
    BOOST_TEST((log.threads.back() != std::this_thread::get_id()));
    BOOST_TEST(pool.apply({.worker = 1}, fn<variable>, "PROCPOOL_TEST_CALL").value_or("") == "4");
}

BOOST_AUTO_TEST_CASE(replacements_are_asked_about_on_the_executor) {
    call_log log;
    boost::asio::io_context context;
    auto work = boost::asio::make_work_guard(context);
    procpool::pool pool(
        {.processes = 1, .executor = context.get_executor(), .settings_for = [&](std::size_t index) {
             log.note(index);
             return worker_settings{};
         }});
    std::thread runner([&] { context.run(); });
    const auto pid = pids_of(pool).front();
    kill_process(pid);
    BOOST_TEST(is_replaced(pool, 0, pid));
    BOOST_TEST((log.threads.back() == runner.get_id()));
    work.reset();
    runner.join();
}

BOOST_AUTO_TEST_CASE(what_it_throws_fails_the_start_in_words) {
    try {
        procpool::pool pool({.processes = 3, .settings_for = [](std::size_t index) -> worker_settings {
                                 if (index == 1)
                                     throw std::runtime_error("no CPU is free");
                                 return {};
                             }});
        BOOST_ERROR("the pool was started");
    } catch (const procpool::start_failed& why) {
        BOOST_TEST(std::string(why.what()).find("Worker 1 ") != std::string::npos, why.what());
        BOOST_TEST(std::string(why.what()).find("no CPU is free") != std::string::npos, why.what());
    }
    BOOST_CHECK_THROW(procpool::pool({.processes = 1,
                                      .settings_for = [](std::size_t) -> worker_settings {
                                          throw 7;
                                      }}),
                      procpool::start_failed);
}

BOOST_AUTO_TEST_CASE(a_replacement_that_cannot_be_asked_about_fails_the_calls_that_wait) {
    std::atomic<bool> fails = false;
    procpool::pool pool({.processes = 1, .settings_for = [&](std::size_t) {
                             if (fails)
                                 throw std::runtime_error("no CPU is free");
                             return worker_settings{};
                         }});
    fails = true;
    kill_process(pids_of(pool).front());
    try {
        eventually([&] {
            pool.apply(fn<twice>, 1);
            return false;
        });
        BOOST_ERROR("nothing was thrown");
    } catch (const procpool::worker_lost&) { // the kill came during the call
        BOOST_CHECK_THROW(pool.apply(fn<twice>, 1), procpool::start_failed);
    } catch (const procpool::start_failed& why) {
        BOOST_TEST(std::string(why.what()).find("no CPU is free") != std::string::npos, why.what());
    }
    fails = false;
    pool.resize(1); // tries again
    BOOST_TEST(pool.apply(fn<twice>, 4) == 8);
}

BOOST_AUTO_TEST_CASE(a_resize_whose_workers_cannot_be_asked_about_changes_nothing) {
    procpool::pool pool({.processes = 1, .settings_for = [](std::size_t index) {
                             if (index == 2)
                                 throw std::runtime_error("no CPU is free");
                             return worker_settings{};
                         }});
    BOOST_CHECK_THROW(pool.resize(4), procpool::start_failed);
    BOOST_TEST(pool.size() == 1u);
    BOOST_TEST(pool.apply(fn<twice>, 4) == 8);
}

BOOST_AUTO_TEST_CASE(a_callback_may_wait_for_a_worker_that_is_asked_about) {
    procpool::pool pool({.processes = 1, .max_tasks_per_worker = 1, .settings_for = [](std::size_t) {
                             return worker_settings{};
                         }});
    int sum = 0;
    auto result = pool.apply_async(fn<twice>, 1);
    event called;
    result.on_success([&](const int& n) {
        for (int i = 0; i != 5; ++i)
            sum += pool.apply(fn<twice>, n);
        called.happen();
    });
    BOOST_TEST(called.wait());
    BOOST_TEST(sum == 20);
}

BOOST_AUTO_TEST_CASE(an_executor_that_does_not_run_fails_the_start_after_the_start_timeout) {
    boost::asio::io_context context;
    procpool::pool pool({.processes = 1,
                         .start_timeout = 1s,
                         .executor = context.get_executor(),
                         .settings_for = [](std::size_t) {
                             return worker_settings{};
                         }});
    BOOST_CHECK_THROW(pool.apply(fn<kill_itself>), procpool::worker_lost);
    try {
        pool.apply(fn<twice>, 1);
        BOOST_ERROR("nothing was thrown");
    } catch (const procpool::start_failed& why) {
        BOOST_TEST(std::string(why.what()).find("settings_for") != std::string::npos, why.what());
    }
}

BOOST_AUTO_TEST_CASE(an_executor_that_throws_is_reported_where_the_pool_may_be_used) {
    boost::asio::io_context context;
    procpool::pool pool({.processes = 2,
                         .start_timeout = 1s,
                         .executor = full_executor{&context},
                         .settings_for = [](std::size_t) {
                             return worker_settings{};
                         }});
    std::atomic<int> result{0};
    event reported;
    procpool::set_unhandled([&](const std::exception_ptr&) {
        result = pool.apply({.worker = 1}, fn<twice>, 4);
        reported.happen();
    });
    BOOST_CHECK_THROW(pool.apply({.worker = 0}, fn<kill_itself>), procpool::worker_lost);
    BOOST_TEST(reported.wait());
    BOOST_TEST(result == 8);
    pool.terminate();
    pool.join();
    procpool::set_unhandled({});
}

BOOST_AUTO_TEST_CASE(a_pool_ends_while_a_worker_waits_to_be_asked_about) {
    for (const bool terminates : {false, true}) {
        boost::asio::io_context context;
        procpool::pool pool(
            {.processes = 2, .executor = context.get_executor(), .settings_for = [](std::size_t) {
                 return worker_settings{};
             }});
        BOOST_CHECK_THROW(pool.apply({.worker = 0}, fn<kill_itself>), procpool::worker_lost);
        if (terminates)
            pool.terminate();
        else
            pool.close();
        pool.join();
    }
    boost::asio::io_context context;
    procpool::pool pool({.processes = 2, .executor = context.get_executor(), .settings_for = [](std::size_t) {
                             return worker_settings{};
                         }});
    BOOST_CHECK_THROW(pool.apply({.worker = 0}, fn<kill_itself>), procpool::worker_lost);
    auto waits = pool.apply_async({.worker = 0}, fn<twice>, 1);
    pool.terminate();
    BOOST_CHECK_THROW(waits.get(), procpool::pool_terminated);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
