// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/self.hpp"
#include "support/environment.hpp"
#include "support/event.hpp"
#include "support/eventually.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>
#endif

// pool_options::in_process: a pool without workers. A task can see the variables of the test.
using namespace std::chrono_literals;
using procpool::fn;
using procpool::pool;
using procpool::pool_options;
using procpool::test::event;
using procpool::test::eventually;

namespace {

pool_options in_process(std::size_t processes = 2) {
    pool_options options;
    options.processes = processes;
    options.in_process = true;
    return options;
}

int square(int n) {
    return n * n;
}
std::string twice(const std::string& text) {
    return text + text;
}
double sum_of(std::span<const double> numbers) {
    return std::accumulate(numbers.begin(), numbers.end(), 0.0);
}
int refuse(int n) {
    throw std::invalid_argument("no " + std::to_string(n));
}
int refuse_number(int n) {
    throw n;
}
int add(int a, int b) {
    return a + b;
}

/// What tasks have done, in order.
std::mutex journal_mutex;
std::vector<int> journal;
void note(int n) {
    const std::lock_guard lock(journal_mutex);
    journal.push_back(n);
}
std::vector<int> take_journal() {
    const std::lock_guard lock(journal_mutex);
    return std::exchange(journal, {});
}

/// For tasks that wait until the test lets them continue.
struct door {
    event arrived;
    event open;
};
door* the_door = nullptr;
void set_door(door& to) {
    the_door = &to;
}
int wait_at_door(int n) {
    the_door->arrived.happen();
    if (!the_door->open.wait())
        throw std::runtime_error("the door was not opened");
    note(n);
    return n;
}
int wait_for_stop(int n) {
    const auto token = procpool::this_task::stop_token();
    the_door->arrived.happen();
    if (!eventually([&] { return token.stop_requested(); }))
        throw std::runtime_error("nobody asked it to stop");
    return n;
}

pool* the_pool = nullptr;

/// A value whose decoder squares its number in the pool.
struct squared_elsewhere {
    int n = 0;
};

/// A value whose decoder waits for the result that it belongs to.
struct reads_itself {
    int n = 0;
    static const reads_itself& read_again();
};

/// A value whose decoder waits for another one.
struct chained {
    int n = 0;
    static inline int (*awaited)(int) = nullptr;
};

} // namespace

template <>
struct procpool::codec<reads_itself> {
    static void encode(encoder& out, const reads_itself& value) { out.write(value.n); }
    static reads_itself decode(decoder& in) {
        in.read<int>();
        return reads_itself::read_again();
    }
};

template <>
struct procpool::codec<chained> {
    static void encode(encoder& out, const chained& value) { out.write(value.n); }
    static chained decode(decoder& in) { return {chained::awaited(in.read<int>())}; }
};

template <>
struct procpool::codec<squared_elsewhere> {
    static void encode(encoder& out, const squared_elsewhere& value) { out.write(value.n); }
    static squared_elsewhere decode(decoder& in) {
        const int n = in.read<int>();
        return {the_pool != nullptr && !this_task::active() ? the_pool->apply(fn<square>, n) : n};
    }
};

namespace {

procpool::async_result<reads_itself> own;
const reads_itself& reads_itself::read_again() {
    return own.get();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(in_process_pool, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_task_runs_in_this_process_in_a_thread_of_the_pool) {
    pool p(in_process());
    const auto here = std::hash<std::thread::id>()(std::this_thread::get_id());
    const auto [pid, thread, task, worker] = p.apply([] {
        return std::tuple(procpool::os::current_pid(),
                          std::hash<std::thread::id>()(std::this_thread::get_id()),
                          procpool::this_task::active(), procpool::this_worker::active());
    });
    BOOST_TEST(pid == procpool::os::current_pid());
    BOOST_TEST(thread != here);
    BOOST_TEST(task);
    BOOST_TEST(!worker);
    BOOST_TEST(!procpool::this_task::active());
    BOOST_TEST(procpool::test::children_of(procpool::os::current_pid()).empty());
}

BOOST_AUTO_TEST_CASE(the_results_are_those_of_workers) {
    pool_options with_workers;
    with_workers.processes = 2;
    pool here(in_process());
    pool there(with_workers);
    const std::vector<double> numbers(100'000, 0.5);
    const std::vector<std::string> texts{"a", std::string(70'000, 'b'), ""};
    for (auto* p : {&here, &there}) {
        BOOST_TEST(p->apply(fn<square>, 7) == 49);
        BOOST_TEST(p->apply(fn<sum_of>, numbers) == 50'000.0);
        BOOST_TEST(p->map(fn<twice>, texts)[1].size() == 140'000U);
        BOOST_TEST(p->map(fn<square>, {1, 2, 3}, {.chunk_size = 2}) == (std::vector{1, 4, 9}));
        BOOST_TEST(p->starmap(fn<add>, {{1, 2}, {3, 4}}) == (std::vector{3, 7}));
        BOOST_TEST(p->map_reduce(fn<square>, {1, 2, 3, 4}, fn<add>, 1, {.chunk_size = 3}) == 31);
        BOOST_TEST(p->broadcast(fn<square>, 3) == (std::vector{9, 9}));
        BOOST_TEST(p->async_apply(procpool::bind(fn<twice>, "ab"), boost::asio::use_future).get() == "abab");
        BOOST_TEST(p->apply(procpool::by_value([k = 3](int n) { return n * k; }), 5) == 15);
        std::vector<int> got;
        for (int n : p->imap(fn<square>, std::vector{1, 2, 3, 4, 5}))
            got.push_back(n);
        BOOST_TEST(got == (std::vector{1, 4, 9, 16, 25}));
    }
    const auto seeds = [](pool& p) {
        return p.map([](int) { return procpool::this_task::seed(); }, std::vector<int>(20));
    };
    BOOST_TEST(seeds(here) == seeds(there));
}

BOOST_AUTO_TEST_CASE(the_exceptions_are_those_of_workers) {
    pool_options with_workers;
    with_workers.processes = 2;
    pool here(in_process());
    pool there(with_workers);
    for (auto* p : {&here, &there}) {
        try {
            p->map(fn<refuse>, {7, 8}, {.chunk_size = 1});
            BOOST_TEST(false);
        } catch (const std::invalid_argument& error) {
            BOOST_TEST(error.what() == std::string_view("no 7"));
            const auto* const info = procpool::get_remote_info(error);
            BOOST_TEST_REQUIRE(info != nullptr);
            BOOST_TEST(info->type_name == "std::invalid_argument");
            BOOST_TEST(info->item_index.value() == 0U);
            BOOST_TEST((info->worker_pid == procpool::os::current_pid()) == (p == &here));
            BOOST_TEST(info->task_name.find("refuse") != std::string::npos);
        }
        BOOST_CHECK_THROW(p->apply(fn<refuse_number>, 1), procpool::remote_error);
    }
}

BOOST_AUTO_TEST_CASE(items_run_one_at_a_time_by_priority_and_submission) {
    door at;
    set_door(at);
    take_journal();
    pool p(in_process(4));
    auto first = p.apply_async(fn<wait_at_door>, 0);
    BOOST_TEST_REQUIRE(at.arrived.wait());
    const auto noting = [](int n) {
        note(n);
    };
    auto map = p.map_async(noting, {1, 2, 3}, {.chunk_size = 2});
    auto low = p.apply_async({.priority = -1}, noting, 9);
    auto high = p.apply_async({.priority = 1}, noting, 8);
    auto last = p.apply_async(noting, 4);
    at.open.happen();
    low.get();
    BOOST_TEST(take_journal() == (std::vector{0, 8, 1, 2, 3, 4, 9}));
    map.get();
    high.get();
    last.get();
}

BOOST_AUTO_TEST_CASE(an_urgent_call_comes_between_two_items_of_a_map) {
    door at;
    set_door(at);
    take_journal();
    pool p(in_process());
    auto map = p.map_async(fn<wait_at_door>, {1, 2, 3}, {.chunk_size = 3});
    BOOST_TEST_REQUIRE(at.arrived.wait());
    auto urgent = p.apply_async(
        {.priority = 1}, [](int n) { note(n); }, 8);
    at.open.happen();
    BOOST_TEST(map.get() == (std::vector{1, 2, 3}));
    BOOST_TEST(take_journal() == (std::vector{1, 8, 2, 3}));
}

BOOST_AUTO_TEST_CASE(what_is_queued_is_removed_and_what_runs_is_asked_to_stop) {
    door at;
    set_door(at);
    pool p(in_process());
    auto runs = p.apply_async(fn<wait_for_stop>, 1);
    auto queued = p.apply_async(fn<square>, 2);
    BOOST_TEST_REQUIRE(at.arrived.wait());
    BOOST_TEST(queued.cancel());
    BOOST_CHECK_THROW(queued.get(), procpool::task_cancelled);
    BOOST_TEST(runs.cancel());
    BOOST_CHECK_THROW(runs.get(), procpool::task_cancelled);
    BOOST_TEST(!runs.cancel());
    const auto stats = p.stats();
    BOOST_TEST(stats.cancelled == 2U);
    BOOST_TEST(stats.submitted == 2U);
}

BOOST_AUTO_TEST_CASE(a_late_task_is_asked_to_stop_and_has_timed_out_when_it_ends) {
    door at;
    set_door(at);
    pool p(in_process());
    try {
        p.apply({.timeout = 10ms}, fn<wait_for_stop>, 1);
        BOOST_TEST(false);
    } catch (const procpool::task_timeout& error) {
        BOOST_TEST(procpool::get_remote_info(error)->worker_pid == procpool::os::current_pid());
    }
    BOOST_TEST(p.apply({.timeout = 1h}, fn<square>, 3) == 9);
    BOOST_TEST(p.stats().timed_out == 1U);
}

BOOST_AUTO_TEST_CASE(retries_run_a_late_task_again) {
    door at;
    set_door(at);
    static std::atomic<int> runs;
    runs = 0;
    pool p(in_process());
    const auto late_once = [](int n) {
        return runs++ == 0 ? wait_for_stop(n) : n;
    };
    BOOST_TEST(p.map(late_once, {4, 5, 6}, {.chunk_size = 3, .timeout = 50ms, .retries = 3}) ==
               (std::vector{4, 5, 6}));
    BOOST_TEST(p.stats().retried >= 1U);
    BOOST_TEST(p.stats().succeeded == 3U);
}

BOOST_AUTO_TEST_CASE(the_initializer_runs_once_before_the_first_call) {
    take_journal();
    auto options = in_process(3);
    options.initializer = procpool::bind([](int n) { note(n); }, 7);
    pool p(options);
    BOOST_TEST(take_journal() == std::vector{7});
    p.broadcast([] { note(1); });
    BOOST_TEST(take_journal() == (std::vector{1, 1, 1}));
    BOOST_TEST(p.stats().submitted == 3U);
}

BOOST_AUTO_TEST_CASE(an_initializer_that_throws_fails_the_start) {
    auto options = in_process();
    options.initializer = procpool::bind(fn<refuse>, 5);
    try {
        pool p(options);
        BOOST_TEST(false);
    } catch (const procpool::start_failed& error) {
        BOOST_TEST(std::string(error.what()).find("its initializer failed: no 5") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(the_finalizer_runs_once_after_the_last_call) {
    static std::vector<std::string> log;
    log.clear();
    const auto note = [](const std::string& what) {
        BOOST_TEST(procpool::this_task::active());
        log.push_back(what);
    };
    procpool::pool pool({.processes = 3, .finalizer = procpool::bind(note, "end"), .in_process = true});
    const auto results = pool.map_async(note, std::vector<std::string>{"a", "b"});
    pool.close();
    pool.join();
    results.get();
    const std::vector<std::string> expected{"a", "b", "end"};
    BOOST_TEST(log == expected, boost::test_tools::per_element());
    const auto stats = pool.stats();
    BOOST_TEST(stats.submitted == 2U);
    BOOST_TEST(stats.succeeded == 2U);
    {
        procpool::pool terminated({.finalizer = procpool::bind(note, "end"), .in_process = true});
    }
    BOOST_TEST(log.size() == 3U);
}

BOOST_AUTO_TEST_CASE(what_the_finalizer_throws_goes_to_set_unhandled) {
    std::vector<std::exception_ptr> told;
    procpool::set_unhandled([&](const std::exception_ptr& what) { told.push_back(what); });
    const auto fail = [] { throw std::invalid_argument("not closed"); };
    procpool::pool pool({.finalizer = procpool::bind(fail), .in_process = true});
    pool.close();
    pool.join();
    procpool::set_unhandled({});
    BOOST_REQUIRE(told.size() == 1U);
    BOOST_CHECK_THROW(std::rethrow_exception(told.front()), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(invalid_options_are_refused_as_for_workers) {
    BOOST_CHECK_THROW(pool(in_process(0)), std::invalid_argument);
    pool p(in_process(2));
    BOOST_CHECK_THROW(p.apply({.worker = 2}, fn<square>, 1), std::invalid_argument);
    BOOST_TEST(p.apply({.worker = 1}, fn<square>, 4) == 16);
    BOOST_TEST(p.workers().at(1).tasks_done == 1U);
    BOOST_CHECK_THROW(p.join(), std::logic_error);
}

BOOST_AUTO_TEST_CASE(callbacks_run_in_another_thread_and_may_use_the_pool) {
    pool p(in_process());
    event done;
    int squared = 0;
    auto result = p.apply_async(fn<square>, 3);
    result.on_success([&](int n) {
        squared = p.apply(fn<square>, n);
        done.happen();
    });
    BOOST_TEST_REQUIRE(done.wait());
    BOOST_TEST(squared == 81);
}

BOOST_AUTO_TEST_CASE(a_task_cannot_use_the_pool_that_runs_it) {
    pool p(in_process());
    the_pool = &p;
    for (const auto task : {+[] { static_cast<void>(the_pool->apply_async(fn<square>, 1)); },
                            +[] { static_cast<void>(the_pool->stats()); },
                            +[] {
                                the_pool->close();
                            }}) {
        try {
            p.apply(procpool::by_value(
                [at = reinterpret_cast<std::uintptr_t>(task)] { reinterpret_cast<void (*)()>(at)(); }));
            BOOST_TEST(false);
        } catch (const std::logic_error& error) {
            BOOST_TEST(std::string(error.what()).find("a task cannot use the pool that runs it") !=
                       std::string::npos);
        }
    }
    the_pool = nullptr;
    BOOST_TEST(p.apply(fn<square>, 2) == 4);
}

BOOST_AUTO_TEST_CASE(a_task_may_make_a_pool_of_its_own) {
    pool p(in_process());
    const auto nested = [](int n) {
        pool inner(in_process());
        const auto squares = inner.map(fn<square>, std::vector<int>(3, n));
        return std::accumulate(squares.begin(), squares.end(), 0);
    };
    BOOST_TEST(p.map(nested, {1, 2}) == (std::vector{3, 12}));
}

BOOST_AUTO_TEST_CASE(tasks_of_two_pools_that_wait_for_each_other_are_told) {
    pool one(in_process());
    pool two(in_process());
    static pool* first;
    static pool* second;
    first = &one;
    second = &two;
    BOOST_TEST(one.apply([](int n) { return second->apply(fn<square>, n); }, 3) == 9);
    const auto wait_in_a_circle = [](int n) {
        return second->apply([](int m) { return first->apply(fn<square>, m); }, n);
    };
    try {
        one.apply(wait_in_a_circle, 3);
        BOOST_TEST(false);
    } catch (const std::logic_error& error) {
        BOOST_TEST(std::string(error.what()).find("wait for results of each other") != std::string::npos);
    }
    BOOST_TEST(one.apply(fn<square>, 2) + two.apply(fn<square>, 1) == 5);
}

BOOST_AUTO_TEST_CASE(a_codec_may_wait_for_another_result) {
    pool p(in_process());
    the_pool = &p;
    const auto make = [](int n) {
        return squared_elsewhere{n};
    };
    const auto got = p.map(make, {1, 2, 3}, {.chunk_size = 2});
    BOOST_TEST(got.at(2).n == 9);
    BOOST_TEST(p.apply(make, 5).n == 25);
    the_pool = nullptr;
}

BOOST_AUTO_TEST_CASE(a_codec_may_wait_for_a_result_whose_callback_uses_the_pool) {
    pool p(in_process());
    static pool* in_codec;
    in_codec = &p;
    chained::awaited = [](int n) {
        auto result = in_codec->apply_async(fn<square>, n);
        result.on_success([](int squared) { in_codec->apply(fn<square>, squared); });
        return result.get();
    };
    const auto make = [](int n) {
        return chained{n};
    };
    const auto got = p.map(make, {1, 2, 3}, {.chunk_size = 1});
    BOOST_TEST(got.at(2).n == 9);
    chained::awaited = nullptr;
}

BOOST_AUTO_TEST_CASE(the_items_of_a_reduction_are_timed_once) {
    pool p(in_process(1));
    const auto nap = [](int milliseconds) {
        std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
        return milliseconds;
    };
    const auto begin = std::chrono::steady_clock::now();
    p.map_reduce(nap, std::vector{1, 1, 1, 1, 40}, std::plus<int>(), 0, {.chunk_size = 5});
    const auto took = std::chrono::steady_clock::now() - begin;
    const auto stats = p.stats();
    BOOST_TEST(stats.run.count() == 5U);
    BOOST_TEST((stats.busy_time >= 40ms && stats.busy_time <= took));
}

BOOST_AUTO_TEST_CASE(a_codec_may_read_a_stream) {
    pool p(in_process());
    static pool* in_codec;
    in_codec = &p;
    chained::awaited = [](int n) {
        for (const int each : in_codec->imap(fn<square>, std::vector{1, 2, 3}, {.max_in_flight = 1}))
            n += each;
        return n;
    };
    BOOST_TEST(p.apply([](int n) { return chained{n}; }, 28).n == 42);
}

BOOST_AUTO_TEST_CASE(a_codec_that_waits_for_its_own_result_is_told) {
    pool p(in_process());
    the_pool = &p;
    static door at;
    set_door(at);
    own = p.apply_async([](int n) { return reads_itself{wait_at_door(n)}; }, 1);
    at.open.happen();
    try {
        own.get();
        BOOST_TEST(false);
    } catch (const procpool::codec_error& error) {
        BOOST_TEST(std::string(error.what()).find("a codec waits for a result") != std::string::npos);
    }
    own = {};
    the_pool = nullptr;
}

BOOST_AUTO_TEST_CASE(a_codec_waits_for_a_result_whose_codec_waits_for_an_earlier_one) {
    pool p(in_process());
    the_pool = &p;
    static std::vector<procpool::async_result<chained>> all;
    static door at;
    set_door(at);
    all.clear();
    for (int i = 0; i != 3; ++i)
        all.push_back(p.apply_async(
            [](int n) {
                if (n == 0)
                    wait_at_door(n);
                return chained{n};
            },
            i));
    // The first waits for the last, the second for the first.
    chained::awaited = [](int n) {
        return n == 2 ? 40 : 1 + all[n == 0 ? 2 : 0].get().n;
    };
    at.open.happen();
    BOOST_TEST(all[1].get().n == 42);
    all.clear();
    the_pool = nullptr;
}

BOOST_AUTO_TEST_CASE(close_and_join_finish_what_was_accepted) {
    take_journal();
    pool p(in_process());
    auto map = p.map_async(fn<square>, std::vector<int>(100, 2));
    p.close();
    BOOST_CHECK_THROW(static_cast<void>(p.apply_async(fn<square>, 1)), procpool::pool_closed);
    p.join();
    BOOST_TEST(map.ready());
    BOOST_TEST(map.get().size() == 100U);
    BOOST_TEST(p.stats().succeeded == 100U);
}

BOOST_AUTO_TEST_CASE(terminate_abandons_everything_and_asks_the_task_to_stop) {
    door at;
    set_door(at);
    pool p(in_process());
    auto runs = p.map_async(fn<wait_for_stop>, {1, 2, 3}, {.chunk_size = 3});
    auto queued = p.apply_async(fn<square>, 2);
    BOOST_TEST_REQUIRE(at.arrived.wait());
    p.terminate();
    BOOST_CHECK_THROW(runs.get(), procpool::pool_terminated);
    BOOST_CHECK_THROW(queued.get(), procpool::pool_terminated);
    p.join();
    const auto stats = p.stats();
    BOOST_TEST(stats.abandoned == 4U);
    BOOST_TEST(stats.running + stats.queued == 0U);
    BOOST_TEST(at.arrived.times() == 1);
}

BOOST_AUTO_TEST_CASE(the_destructor_ends_a_pool_that_is_at_work) {
    door at;
    set_door(at);
    procpool::async_result<int> left;
    {
        pool p(in_process());
        left = p.apply_async(fn<wait_for_stop>, 1);
        BOOST_TEST_REQUIRE(at.arrived.wait());
    }
    BOOST_CHECK_THROW(left.get(), procpool::pool_terminated);
}

BOOST_AUTO_TEST_CASE(a_callback_may_destroy_the_pool) {
    event done;
    auto p = std::make_unique<pool>(in_process());
    auto result = p->apply_async(fn<square>, 3);
    result.on_success([&](int) {
        p.reset();
        done.happen();
    });
    BOOST_TEST_REQUIRE(done.wait());
    BOOST_TEST(result.get() == 9);
}

BOOST_AUTO_TEST_CASE(the_number_of_workers_may_change) {
    pool p(in_process(1));
    p.resize(3);
    BOOST_TEST(p.size() == 3U);
    BOOST_TEST(p.broadcast(fn<square>, 2).size() == 3U);
    p.resize(1);
    BOOST_TEST(p.workers().size() == 1U);
    BOOST_CHECK_THROW(p.resize(0), std::invalid_argument);
    BOOST_TEST(p.apply(fn<square>, 3) == 9);
}

BOOST_AUTO_TEST_CASE(the_worker_that_runs_is_shown) {
    door at;
    set_door(at);
    pool p(in_process(2));
    auto runs = p.apply_async(
        {.worker = 1},
        [](int n) {
            procpool::this_task::report(0.25);
            return wait_at_door(n);
        },
        1);
    BOOST_TEST_REQUIRE(at.arrived.wait());
    const auto workers = p.workers();
    BOOST_TEST(!workers.at(0).busy);
    BOOST_TEST(workers.at(1).busy);
    BOOST_TEST(!workers.at(1).pid);
    BOOST_TEST(workers.at(1).reported == 0.25);
    BOOST_TEST(!workers.at(1).task_name.empty());
    BOOST_TEST(p.stats().running == 1U);
    at.open.happen();
    BOOST_TEST(runs.get() == 1);
    BOOST_TEST(p.stats().running == 0U);
}

BOOST_AUTO_TEST_CASE(a_stream_is_read_lazily_and_may_be_dropped) {
    pool p(in_process());
    {
        auto stream = p.imap(fn<square>, std::vector{1, 2, 3, 4, 5, 6, 7, 8}, {.max_in_flight = 4});
        BOOST_TEST(stream.next().value() == 1);
        BOOST_TEST(stream.next().value() == 4);
    }
    auto unordered = p.imap_unordered(fn<refuse>, {1});
    BOOST_CHECK_THROW(unordered.next(), std::invalid_argument);
    BOOST_TEST(!unordered.next());
    BOOST_TEST(p.apply(fn<square>, 3) == 9);
}

BOOST_AUTO_TEST_CASE(a_shared_array_is_the_same_memory) {
    pool p(in_process());
    const procpool::shared_array<int> numbers(3);
    p.starmap([](const procpool::shared_array<int>& all, int i) { all.data()[i] = i + 1; },
              std::vector{std::tuple(numbers, 0), std::tuple(numbers, 2)});
    BOOST_TEST(numbers.data()[0] == 1);
    BOOST_TEST(numbers.data()[2] == 3);
}

BOOST_AUTO_TEST_CASE(the_environment_can_ask_for_it) {
    const auto own = procpool::os::current_pid();
    const auto pid_of_task = [] {
        pool p(1);
        return p.apply([] { return procpool::os::current_pid(); });
    };
    procpool::test::set_environment("PROCPOOL_IN_PROCESS", "1");
    BOOST_TEST(pid_of_task() == own);
    procpool::test::set_environment("PROCPOOL_IN_PROCESS", "0");
    BOOST_TEST(pid_of_task() != own);
    procpool::test::unset_environment("PROCPOOL_IN_PROCESS");
    BOOST_TEST(pid_of_task() != own);
}

#if !defined(_WIN32)
BOOST_AUTO_TEST_CASE(a_copy_that_a_task_forks_ends_when_it_leaves_the_task) {
    pool p(in_process());
    const auto status = p.apply([] {
        const auto child = ::fork();
        if (child == 0)
            return -1;
        int how = 0;
        ::waitpid(child, &how, 0);
        return WIFEXITED(how) ? WEXITSTATUS(how) : -2;
    });
    BOOST_TEST(status == 1);
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
