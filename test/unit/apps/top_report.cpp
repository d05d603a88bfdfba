// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "top/report.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

std::vector<top::program_view> one_program() {
    top::pool_view pool;
    pool.number = 1;
    pool.phase = "open";
    pool.processes = 2;
    pool.age = 10s;
    pool.stats.submitted = 100;
    pool.stats.succeeded = 90;
    pool.stats.queued = 8;
    pool.stats.running = 2;
    pool.stats.run.add(3ms);
    pool.workers.push_back({0, top::worker_state::busy, 4711, 40, 0, "slow \"add\"", true, 2s, 0.5});
    pool.workers.push_back({1, top::worker_state::absent, std::nullopt, 50, 1, "", false, 0s, 0});
    return {{42, "pro\"gram", true, {pool}, {"why"}}};
}

std::string text_of(const std::vector<std::string>& lines) {
    std::string out;
    for (const auto& line : lines)
        out += line + '\n';
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(top_report)

BOOST_AUTO_TEST_CASE(json_has_every_fact) {
    const auto all = boost::json::parse(top::json_of(one_program()));
    const auto& program = all.at("programs").at(0);
    BOOST_TEST(program.at("pid").as_int64() == 42);
    BOOST_TEST(program.at("name").as_string() == "pro\"gram");
    BOOST_TEST(program.at("stopped").as_bool());
    BOOST_TEST(program.at("not_shown").at(0).as_string() == "why");
    const auto& pool = program.at("pools").at(0);
    BOOST_TEST(pool.at("state").as_string() == "open");
    BOOST_TEST(pool.at("min_processes").is_null());
    BOOST_TEST(pool.at("stats").at("succeeded").to_number<int>() == 90);
    BOOST_TEST(pool.at("stats").at("run").at("max_seconds").as_double() == 0.003);
    const auto& workers = pool.at("workers");
    BOOST_TEST(workers.at(0).at("pid").as_int64() == 4711);
    BOOST_TEST(workers.at(0).at("task_name").as_string() == "slow \"add\"");
    BOOST_TEST(workers.at(0).at("running_seconds").as_double() == 2.0);
    BOOST_TEST(workers.at(1).at("pid").is_null());
    BOOST_TEST(workers.at(1).at("state").as_string() == "absent");
}

BOOST_AUTO_TEST_CASE(lines_show_programs_pools_and_workers) {
    top::rates since;
    const auto text = text_of(top::lines_of(one_program(), since, top::order::by_index, 100s));
    BOOST_TEST(text.find("pro\"gram, process 42, stopped\n  pool 1: open, 2 processes, 10.0 s old\n") == 0u);
    BOOST_TEST(text.find("queued 8, running 2, succeeded 90; of 100\n") != text.npos);
    BOOST_TEST(text.find("9.0 items a second") != text.npos);
    BOOST_TEST(text.find("ran      50% 3.0 ms, 99% 3.0 ms, longest 3.0 ms\n") != text.npos);
    BOOST_TEST(text.find("2.0 s  slow \"add\" (50%)\n") != text.npos);
    BOOST_TEST(text.find("\n  why\n") != text.npos);
}

BOOST_AUTO_TEST_CASE(workers_are_sorted_as_wanted) {
    top::rates since;
    const auto text = text_of(top::lines_of(one_program(), since, top::order::by_tasks, 100s));
    BOOST_TEST(text.find("absent") < text.find("busy"));
    BOOST_CHECK_THROW(top::order_named("name"), std::invalid_argument);
    BOOST_TEST((top::order_named("time") == top::order::by_time));
}

BOOST_AUTO_TEST_CASE(rates_are_those_since_the_last_look) {
    top::rates since;
    auto pool = one_program().front().pools.front();
    BOOST_TEST(since.of(42, pool, 100s) == 9.0);
    pool.stats.submitted += 20;
    pool.stats.succeeded += 20;
    BOOST_TEST(since.of(42, pool, 102s) == 10.0);
    BOOST_TEST(since.of(42, pool, 102s) == 10.0); // no time has passed
    pool.stats.submitted = pool.stats.succeeded = pool.stats.queued = pool.stats.running = 0; // nonsense
    BOOST_TEST(since.of(42, pool, 103s) == 0.0);
}

BOOST_AUTO_TEST_CASE(times_have_the_unit_that_fits) {
    BOOST_TEST(top::short_time(0ns) == "0 ns");
    BOOST_TEST(top::short_time(1500ns) == "1.5 us");
    BOOST_TEST(top::short_time(20ms) == "20.0 ms");
    BOOST_TEST(top::short_time(1500ms) == "1.5 s");
    BOOST_TEST(top::short_time(125s) == "2 min 5 s");
    BOOST_TEST(top::short_time(7265s) == "2 h 1 min");
}

BOOST_AUTO_TEST_SUITE_END()
