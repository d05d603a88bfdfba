// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/stopping_tasks.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <ratio>
#include <stdexcept>
#include <string>
#include <vector>

// The options that set time-outs, and values that set none.
namespace {

using namespace std::chrono_literals;
using namespace procpool::test;

int never_end() {
    sleep_for_ever();
}

struct limits {
    std::size_t processes = 1;
    std::chrono::nanoseconds grace = endless;
    std::optional<std::chrono::nanoseconds> task_timeout = std::nullopt;

    procpool::pool make() const {
        procpool::pool_options options;
        options.processes = processes;
        options.terminate_grace = grace;
        options.task_timeout = task_timeout;
        return procpool::pool(options);
    }
};

procpool::call_options within(std::chrono::nanoseconds timeout) {
    return {.timeout = timeout};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(time_limit_options, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_pool_may_limit_every_task) {
    auto pool = limits{.grace = 20ms, .task_timeout = 50ms}.make();
    BOOST_CHECK_THROW(pool.apply(procpool::fn<never_end>), procpool::task_timeout);
    BOOST_CHECK_THROW(pool.apply_async(procpool::fn<never_end>).get(), procpool::task_timeout);
    BOOST_CHECK_THROW(pool.map([](int) { never_end(); }, std::vector{1}), procpool::task_timeout);
    BOOST_TEST(pool.apply([] { return 1; }) == 1);
}

BOOST_AUTO_TEST_CASE(a_call_may_have_more_or_less_time_than_the_pool_says) {
    const gate gate;
    {
        auto pool = limits{.task_timeout = 20ms}.make();
        auto more = pool.apply_async(within(endless), procpool::fn<pass>, gate.path(), 1);
        BOOST_TEST_REQUIRE(gate.wait_for_arrival());
        BOOST_TEST(!more.wait(100ms));
        gate.open();
        BOOST_TEST(more.get() == 1);
    }
    auto pool = limits{.grace = 20ms, .task_timeout = endless}.make();
    BOOST_CHECK_THROW(pool.apply_async(within(20ms), procpool::fn<never_end>).get(), procpool::task_timeout);
    procpool::map_options options;
    options.timeout = 20ms;
    BOOST_CHECK_THROW(pool.map([](int) { never_end(); }, std::vector{1}, options), procpool::task_timeout);
}

BOOST_AUTO_TEST_CASE(time_outs_that_make_no_sense_are_refused) {
    const temporary_folder folder;
    for (const auto bad : {0ns, -1ns, std::chrono::nanoseconds::min()}) {
        BOOST_CHECK_THROW((limits{.task_timeout = bad}.make()), std::invalid_argument);
        auto pool = limits{}.make();
        const auto task = [](const std::string& file) {
            append_line(file, "ran");
        };
        BOOST_CHECK_THROW(pool.apply_async(within(bad), task, folder.file("log")), std::invalid_argument);
        procpool::map_options options;
        options.timeout = bad;
        const std::vector items{folder.file("log")};
        BOOST_CHECK_THROW(pool.map(task, items, options), std::invalid_argument);
        BOOST_CHECK_THROW(pool.map_async(task, items, options), std::invalid_argument);
        BOOST_CHECK_THROW(pool.map(task, std::vector<std::string>(), options), std::invalid_argument);
        pool.close();
        pool.join();
    }
    BOOST_TEST(!exists(folder.file("log")));
    BOOST_CHECK_THROW((limits{.grace = -1ns}.make()), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_longest_durations_are_no_limit) {
    constexpr auto longest = std::chrono::nanoseconds::max();
    const gate gate;
    auto pool = limits{.grace = longest, .task_timeout = longest}.make();
    auto first = pool.apply_async(procpool::fn<pass>, gate.path(), 1);
    auto second = pool.apply_async(within(longest), [] { return 2; });
    auto third = pool.apply_async(within(24h * 365 * 200), [] { return 3; });
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    BOOST_TEST(!first.ready());
    gate.open();
    BOOST_TEST(first.get(std::chrono::hours::max()) == 1);
    BOOST_TEST(second.get(std::chrono::duration<double, std::ratio<86400>>(1e300)) == 2);
    BOOST_TEST(third.get(longest) == 3);

    const temporary_folder folder;
    auto cancelled = pool.apply_async(procpool::fn<await_stop>, folder.file("log"));
    BOOST_TEST_REQUIRE(wait_for_lines(folder.file("log"), 1));
    BOOST_TEST(cancelled.cancel());
    BOOST_CHECK_THROW(cancelled.get(), procpool::task_cancelled);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
