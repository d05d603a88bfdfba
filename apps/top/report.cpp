// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "top/report.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace top {
namespace {

using std::chrono::nanoseconds;

std::uint64_t ended(const procpool::pool_stats& stats) {
    return stats.submitted - stats.queued - stats.running;
}

double in_seconds(nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

std::string fixed(double value, int digits) {
    char out[64];
    std::snprintf(out, sizeof out, "%.*f", digits, value);
    return out;
}

std::string padded(std::string text, std::size_t width, bool right = true) {
    if (text.size() < width)
        text.insert(right ? 0 : text.size(), width - text.size(), ' ');
    return text;
}

std::string latencies(const procpool::latency_histogram& of) {
    if (of.count() == 0)
        return "none yet";
    return "50% " + short_time(of.quantile(0.5)) + ", 99% " + short_time(of.quantile(0.99)) + ", longest " +
           short_time(of.max());
}

std::string processes_of(const pool_view& pool) {
    if (pool.in_process)
        return "runs tasks in the program itself";
    auto out = std::to_string(pool.processes) + (pool.processes == 1 ? " process" : " processes");
    if (pool.elastic)
        out = std::to_string(pool.minimum) + " to " + out;
    return out;
}

/// The counts of items. A count that is usually 0 is shown only if it is not.
std::string counts_of(const procpool::pool_stats& stats) {
    auto out = "queued " + std::to_string(stats.queued) + ", running " + std::to_string(stats.running) +
               ", succeeded " + std::to_string(stats.succeeded);
    const std::pair<const char*, std::uint64_t> others[] = {
        {"threw", stats.threw},         {"lost", stats.lost},           {"timed out", stats.timed_out},
        {"cancelled", stats.cancelled}, {"abandoned", stats.abandoned}, {"retried", stats.retried}};
    for (const auto& [name, count] : others)
        if (count != 0)
            out += std::string(", ") + name + ' ' + std::to_string(count);
    return out + "; of " + std::to_string(stats.submitted);
}

void sort(std::vector<worker_view>& workers, order by) {
    switch (by) {
    case order::by_index:
        std::ranges::stable_sort(workers, {}, &worker_view::index);
        break;
    case order::by_tasks:
        std::ranges::stable_sort(workers, std::greater(), &worker_view::tasks_done);
        break;
    case order::by_time:
        std::ranges::stable_sort(workers, std::greater(), &worker_view::running_for);
        break;
    }
}

std::string line_of(const worker_view& worker) {
    auto out = padded(std::to_string(worker.index), 8) +
               padded(worker.pid ? std::to_string(*worker.pid) : "-", 10) + "  " +
               padded(name_of(worker.state), 9, false) + padded(std::to_string(worker.tasks_done), 12) +
               padded(std::to_string(worker.restarts), 10) +
               padded(worker.task.empty() && !worker.runs ? "" : short_time(worker.running_for), 10) + "  " +
               worker.task;
    if (worker.reported > 0)
        out += " (" + fixed(100 * worker.reported, 0) + "%)";
    return out;
}

void add_lines(std::vector<std::string>& out, const program_view& of, pool_view pool, rates& since, order by,
               nanoseconds now) {
    const auto& stats = pool.stats;
    out.push_back("  pool " + std::to_string(pool.number) + ": " + pool.phase + ", " + processes_of(pool) +
                  ", " + short_time(pool.age) + " old");
    out.push_back("    items    " + counts_of(stats) + (pool.settled ? "" : " (changing)"));
    out.push_back("    rate     " + fixed(since.of(of.pid, pool, now), 1) + " items a second; " +
                  std::to_string(stats.restarts) + " restarts");
    out.push_back("    waited   " + latencies(stats.wait));
    out.push_back("    ran      " + latencies(stats.run));
    out.push_back("    worker       pid  state       finished  restarts       for  task");
    sort(pool.workers, by);
    for (const auto& each : pool.workers)
        out.push_back("  " + line_of(each));
    if (pool.workers_not_shown != 0)
        out.push_back("    " + std::to_string(pool.workers_not_shown) + " more workers are not shown");
}

boost::json::object json_of(const procpool::latency_histogram& of) {
    return {{"count", of.count()},
            {"p50_seconds", in_seconds(of.quantile(0.5))},
            {"p90_seconds", in_seconds(of.quantile(0.9))},
            {"p99_seconds", in_seconds(of.quantile(0.99))},
            {"max_seconds", in_seconds(of.max())},
            {"sum_seconds", in_seconds(of.sum())}};
}

boost::json::object json_of(const procpool::pool_stats& of) {
    return {{"submitted", of.submitted},
            {"queued", of.queued},
            {"running", of.running},
            {"succeeded", of.succeeded},
            {"threw", of.threw},
            {"lost", of.lost},
            {"timed_out", of.timed_out},
            {"cancelled", of.cancelled},
            {"abandoned", of.abandoned},
            {"retried", of.retried},
            {"restarts", of.restarts},
            {"argument_bytes", of.argument_bytes},
            {"result_bytes", of.result_bytes},
            {"busy_seconds", in_seconds(of.busy_time)},
            {"wait", json_of(of.wait)},
            {"run", json_of(of.run)}};
}

boost::json::object json_of(const worker_view& of) {
    boost::json::object out{{"index", of.index},
                            {"pid", nullptr},
                            {"state", name_of(of.state)},
                            {"tasks_done", of.tasks_done},
                            {"restarts", of.restarts},
                            {"task_name", of.task},
                            {"running_seconds", in_seconds(of.running_for)},
                            {"reported", of.reported}};
    if (of.pid)
        out["pid"] = *of.pid;
    return out;
}

boost::json::object json_of(const pool_view& of) {
    boost::json::array workers;
    for (const auto& each : of.workers)
        workers.push_back(json_of(each));
    boost::json::object out{{"number", of.number},
                            {"library_version", of.library_version},
                            {"state", of.phase},
                            {"in_process", of.in_process},
                            {"processes", of.processes},
                            {"min_processes", nullptr},
                            {"age_seconds", in_seconds(of.age)},
                            {"settled", of.settled},
                            {"stats", json_of(of.stats)},
                            {"workers", std::move(workers)}};
    if (of.elastic)
        out["min_processes"] = of.minimum;
    return out;
}

boost::json::object json_of(const program_view& of) {
    boost::json::array pools;
    for (const auto& each : of.pools)
        pools.push_back(json_of(each));
    boost::json::array not_shown;
    for (const auto& each : of.not_shown)
        not_shown.push_back(boost::json::string(each));
    return {{"pid", of.pid},
            {"name", of.name},
            {"stopped", of.stopped},
            {"pools", std::move(pools)},
            {"not_shown", std::move(not_shown)}};
}

} // namespace

order order_named(const std::string& name) {
    if (name == "index")
        return order::by_index;
    if (name == "tasks")
        return order::by_tasks;
    if (name == "time")
        return order::by_time;
    throw std::invalid_argument("takes index, tasks or time, not '" + name + "'");
}

double rates::of(long pid, const pool_view& pool, nanoseconds now) {
    auto& last = looks_[{pid, pool.number}];
    const bool is_first = last.when == nanoseconds::zero();
    const auto for_time = in_seconds(is_first ? pool.age : now - last.when);
    const auto all = ended(pool.stats);
    if (for_time > 0) // a hostile program may count backwards
        last.rate = static_cast<double>(all - std::min(all, last.ended)) / for_time;
    last.when = now;
    last.ended = all;
    return last.rate;
}

std::string short_time(nanoseconds time) {
    const auto seconds = in_seconds(time);
    if (seconds >= 3600)
        return fixed(std::floor(seconds / 3600), 0) + " h " +
               fixed(std::floor(std::fmod(seconds, 3600) / 60), 0) + " min";
    if (seconds >= 60)
        return fixed(std::floor(seconds / 60), 0) + " min " + fixed(std::floor(std::fmod(seconds, 60)), 0) +
               " s";
    if (seconds >= 1)
        return fixed(seconds, 1) + " s";
    if (seconds >= 1e-3)
        return fixed(seconds * 1e3, 1) + " ms";
    if (seconds >= 1e-6)
        return fixed(seconds * 1e6, 1) + " us";
    return std::to_string(time.count()) + " ns";
}

std::vector<std::string> lines_of(const std::vector<program_view>& programs, rates& since, order by,
                                  nanoseconds now) {
    std::vector<std::string> out;
    for (const auto& program : programs) {
        out.push_back(program.name + ", process " + std::to_string(program.pid) +
                      (program.stopped ? ", stopped" : ""));
        for (const auto& pool : program.pools)
            add_lines(out, program, pool, since, by, now);
        for (const auto& why : program.not_shown)
            out.push_back("  " + why);
        out.emplace_back();
    }
    return out;
}

std::string json_of(const std::vector<program_view>& programs) {
    boost::json::array all;
    for (const auto& each : programs)
        all.push_back(json_of(each));
    return boost::json::serialize(boost::json::object{{"programs", std::move(all)}}) + '\n';
}

} // namespace top
