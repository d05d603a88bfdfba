// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/pool_stats.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        out.push_back(line);
    return out;
}

/// The value of a sample, by everything before it.
std::map<std::string, std::string> samples_of(const std::string& text) {
    std::map<std::string, std::string> out;
    for (const auto& line : lines_of(text)) {
        if (line.starts_with('#'))
            continue;
        const auto space = line.rfind(' ');
        BOOST_TEST_REQUIRE(space != std::string::npos);
        BOOST_TEST(out.emplace(line.substr(0, space), line.substr(space + 1)).second);
    }
    return out;
}

std::string label_for(std::string_view name) {
    const auto line = lines_of(procpool::to_prometheus({}, name))[2];
    const std::string begin = "procpool_submitted_total{", end = "} 0";
    BOOST_TEST_REQUIRE(line.starts_with(begin));
    BOOST_TEST_REQUIRE(line.ends_with(end));
    return line.substr(begin.size(), line.size() - begin.size() - end.size());
}

procpool::pool_stats some_stats() {
    procpool::pool_stats stats;
    std::uint64_t value = 0;
    for (auto* each : {&stats.submitted, &stats.queued, &stats.running, &stats.succeeded, &stats.threw,
                       &stats.lost, &stats.timed_out, &stats.cancelled, &stats.abandoned, &stats.retried,
                       &stats.restarts, &stats.argument_bytes, &stats.result_bytes})
        *each = ++value;
    stats.busy_time = 1500ms;
    stats.wait.add(1ns);
    stats.wait.add(3ns);
    stats.wait.add(2s);
    stats.run.add(24h);
    return stats;
}

} // namespace

BOOST_AUTO_TEST_SUITE(to_prometheus)

BOOST_AUTO_TEST_CASE(every_member_has_a_metric) {
    auto samples = samples_of(procpool::to_prometheus(some_stats()));
    std::uint64_t value = 0;
    for (const auto* name : {"submitted_total", "queued", "running", "succeeded_total", "threw_total",
                             "lost_total", "timed_out_total", "cancelled_total", "abandoned_total",
                             "retried_total", "restarts_total", "argument_bytes_total", "result_bytes_total"})
        BOOST_TEST(samples["procpool_" + std::string(name) + R"({pool="default"})"] ==
                   std::to_string(++value));
    BOOST_TEST(samples[R"(procpool_busy_seconds_total{pool="default"})"] == "1.5");
    BOOST_TEST(samples[R"(procpool_wait_seconds_sum{pool="default"})"] == "2.000000004");
    BOOST_TEST(samples[R"(procpool_wait_seconds_count{pool="default"})"] == "3");
    BOOST_TEST(samples[R"(procpool_run_seconds_sum{pool="default"})"] == "86400");
    BOOST_TEST(samples[R"(procpool_run_seconds_count{pool="default"})"] == "1");
}

BOOST_AUTO_TEST_CASE(each_metric_has_its_help_and_type_before_its_samples) {
    std::string name;
    for (const auto& line : lines_of(procpool::to_prometheus(some_stats()))) {
        std::istringstream words(line);
        std::string mark, kind, of, rest;
        if (line.starts_with("# HELP ")) {
            words >> mark >> kind >> name >> rest;
            BOOST_TEST(!rest.empty());
        } else if (line.starts_with("# TYPE ")) {
            words >> mark >> kind >> of >> rest;
            BOOST_TEST(of == name);
            BOOST_TEST((rest == "counter") == name.ends_with("_total"));
            BOOST_TEST((rest == "histogram") == (name.ends_with("_seconds")));
        } else {
            BOOST_TEST(line.starts_with(name));
        }
    }
}

BOOST_AUTO_TEST_CASE(buckets_are_cumulative_and_end_with_the_count) {
    auto samples = samples_of(procpool::to_prometheus(some_stats()));
    const auto bucket = [&](const std::string& name, const std::string& le) {
        return samples["procpool_" + name + R"(_seconds_bucket{pool="default",le=")" + le + "\"}"];
    };
    BOOST_TEST(bucket("wait", "0.000000001") == "1");
    BOOST_TEST(bucket("wait", "0.000000002") == "1");
    BOOST_TEST(bucket("wait", "0.000000004") == "2");
    BOOST_TEST(bucket("wait", "1.073741824") == "2");
    BOOST_TEST(bucket("wait", "2.147483648") == "3");
    BOOST_TEST(bucket("wait", "+Inf") == "3");
    BOOST_TEST(bucket("run", "8796.093022208") == "0"); // the last one that is shown
    BOOST_TEST(bucket("run", "+Inf") == "1");
}

BOOST_AUTO_TEST_CASE(empty_statistics_have_the_same_samples_all_zero) {
    const auto empty = samples_of(procpool::to_prometheus({}));
    BOOST_TEST(empty.size() == samples_of(procpool::to_prometheus(some_stats())).size());
    BOOST_TEST(std::all_of(empty.begin(), empty.end(), [](const auto& each) { return each.second == "0"; }));
}

BOOST_AUTO_TEST_CASE(a_name_is_escaped) {
    BOOST_TEST(label_for("images") == R"(pool="images")");
    BOOST_TEST(label_for("") == R"(pool="")");
    BOOST_TEST(label_for(R"(a"b\c)") == R"(pool="a\"b\\c")");
    BOOST_TEST(label_for("a\nb\"} 1\n# ") == R"(pool="a\nb\"} 1\n# ")");
    BOOST_TEST(label_for("{le=\"+Inf\"}") == R"(pool="{le=\"+Inf\"}")");
}

BOOST_AUTO_TEST_CASE(a_name_stays_valid_utf_8) {
    const std::string replaced = "\xef\xbf\xbd";
    for (const std::string good :
         {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"})
        BOOST_TEST(label_for(good) == "pool=\"" + good + '"');
    // A stray byte, a sequence that is cut, and bytes that no character has.
    BOOST_TEST(label_for("\x80") == "pool=\"" + replaced + '"');
    BOOST_TEST(label_for("a\xe2\x82") == "pool=\"a" + replaced + replaced + '"');
    BOOST_TEST(label_for("\xe2\x82\"") == "pool=\"" + replaced + replaced + "\\\"\"");
    for (const std::string bad :
         {"\xc0\xaf", "\xc1\xbf", "\xf5\x80", "\xff\xfe"}) // the first is '/', too long
        BOOST_TEST(label_for(bad) == "pool=\"" + replaced + replaced + '"');
    for (const std::string bad : {"\xed\xa0\x80", "\xe0\x80\xaf"}) // a surrogate; '/', too long
        BOOST_TEST(label_for(bad) == "pool=\"" + replaced + replaced + replaced + '"');
    BOOST_TEST(label_for("\xf4\x90\x80\x80") == "pool=\"" + replaced + replaced + replaced + replaced + '"');
}

BOOST_AUTO_TEST_SUITE_END()
