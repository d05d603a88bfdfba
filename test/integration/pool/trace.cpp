// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/eventually.hpp"
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/scripted_child.hpp"
#include "support/stopping_tasks.hpp"
#include "support/temporary_folder.hpp"
#include "support/trace_file.hpp"

#include <procpool/procpool.hpp>

#include <boost/system/errc.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#if !defined(_WIN32)
#include <csignal>

#include <sys/resource.h>
#include <sys/stat.h>
#endif

// pool_options::trace: every item is in the file once, where and when it ran and what became of it.
namespace {

using namespace procpool::test;
using namespace std::chrono_literals;
using procpool::fn;

constexpr const char* file_variable = "PROCPOOL_TEST_TRACE";

int twice(int n) {
    return 2 * n;
}

int refuse_odd(int n) {
    if (n % 2 != 0)
        throw std::domain_error("odd");
    return n;
}

/// Kills its worker in its first run.
int die_once(const std::string& file) {
    append_line(file, "run");
    if (lines_of(file).size() == 1)
        kill_itself();
    return 0;
}

void prepare() {}

struct fixture : nothing_left_behind {
    temporary_folder folder;
    const std::string path = folder.file("trace.json");

    ~fixture() { procpool::set_unhandled({}); }

    procpool::pool_options options(std::size_t processes) const {
        procpool::pool_options out;
        out.processes = processes;
        out.terminate_grace = 10ms;
        out.trace = path;
        return out;
    }
    /// Cancels a call that runs this task, and one behind it.
    template <class Task>
    void cancel_two(procpool::pool& pool, Task task) const {
        const auto running = folder.file("cancelled");
        auto cancelled = pool.apply_async(task, running);
        auto queued = pool.apply_async(fn<twice>, 1);
        BOOST_TEST_REQUIRE(wait_for_file(running));
        BOOST_TEST(queued.cancel());
        BOOST_TEST(cancelled.cancel());
        BOOST_CHECK_THROW(cancelled.get(), procpool::task_cancelled);
    }
    /// Checks the trace of a pool that has ended.
    trace_file read() const {
        auto out = trace_file::read(path);
        BOOST_TEST(out.fault() == "");
        return out;
    }
};

void finish(procpool::pool& pool) {
    pool.close();
    pool.join();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(trace, fixture)

BOOST_AUTO_TEST_CASE(a_map_has_a_slice_for_each_item) {
    constexpr int items = 3000;
    std::vector<int> numbers(items);
    std::iota(numbers.begin(), numbers.end(), 0);
    procpool::pool pool(options(3));
    pool.map(fn<twice>, numbers);
    finish(pool);
    const auto file = read();
    std::set<std::string> indices;
    for (const auto& each : file.of("X", "item")) {
        indices.insert(each.index);
        BOOST_TEST_REQUIRE(each.name.find("twice") != std::string::npos);
        BOOST_TEST_REQUIRE(file.track(each.track).rfind("worker ", 0) == 0U);
    }
    BOOST_TEST(indices.size() == items + 0U);
    BOOST_TEST(file.items("succeeded") == items + 0U);
    BOOST_TEST(file.events("worker started") == 3U);
    BOOST_TEST(file.events("worker ended") == 3U);
    for (const auto* name : {"worker 0", "worker 1", "worker 2"}) {
        std::size_t tracks = 0;
        for (std::uint32_t track = 0; track != 10; ++track)
            tracks += file.track(track) == name;
        BOOST_TEST(tracks == 1U);
    }
}

BOOST_AUTO_TEST_CASE(every_method_is_traced) {
    std::vector<int> numbers(100, 2);
    procpool::pool pool(options(2));
    pool.apply(fn<twice>, 1);
    pool.broadcast(fn<twice>, 1);
    for (const int each : pool.imap(fn<twice>, numbers))
        BOOST_TEST_REQUIRE(each == 4);
    pool.map_reduce(
        fn<twice>, numbers, [](int a, int b) { return a + b; }, 0);
    finish(pool);
    const auto file = read();
    BOOST_TEST(file.items("succeeded") == 203U);
    std::size_t calls = 0;
    for (const auto& each : file.of("X", "item"))
        calls += !each.call.empty();
    BOOST_TEST(calls == 1U); // the others have an index
}

BOOST_AUTO_TEST_CASE(each_outcome_is_shown) {
    auto options = this->options(1);
    procpool::pool pool(options);
    BOOST_CHECK_THROW(pool.map(fn<refuse_odd>, {0, 1, 2}), std::domain_error);
    BOOST_CHECK_THROW(pool.apply([] { kill_itself(); }), procpool::worker_lost);
    BOOST_CHECK_THROW(pool.apply({.timeout = 20ms}, fn<ignore_everything>, folder.file("timed out")),
                      procpool::task_timeout);
    BOOST_CHECK_THROW(pool.apply({.timeout = 20ms}, fn<await_stop>, folder.file("stops")),
                      procpool::task_timeout);
    cancel_two(pool, fn<ignore_everything>);
    finish(pool);
    const auto file = read();
    BOOST_TEST(file.items("succeeded") == 2U);
    BOOST_TEST(file.items("threw") == 1U);
    BOOST_TEST(file.items("lost") == 1U);
    BOOST_TEST(file.items("timed out") == 2U);
    BOOST_TEST(file.items("cancelled") == 2U);
    BOOST_TEST(file.events("worker lost") == 3U);
    for (const auto& each : file.of("X", "item")) {
        const bool ran = file.track(each.track) == "worker 0";
        BOOST_TEST(ran == (each.outcome != "cancelled" || each.name.find("twice") == std::string::npos));
        if (each.outcome == "timed out")
            BOOST_TEST(each.end - each.begin >= 20'000'000U);
    }
    bool died = false;
    for (const auto& each : file.of("i", "worker"))
        died = died || each.text.find(killed_text) != std::string::npos;
    BOOST_TEST(died);
}

BOOST_AUTO_TEST_CASE(terminate_abandons_what_runs_and_what_waits) {
    procpool::pool pool(options(1));
    const auto running = folder.file("runs");
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 4; ++i)
        results.push_back(pool.apply_async(fn<ignore_everything>, running));
    BOOST_TEST_REQUIRE(wait_for_file(running));
    pool.terminate();
    pool.join();
    const auto file = read();
    BOOST_TEST(file.items("abandoned") == 4U);
    BOOST_TEST(file.items("abandoned", "attempt") == 1U); // where it ran
}

BOOST_AUTO_TEST_CASE(a_retried_item_has_two_runs_and_one_outcome) {
    procpool::pool pool(options(1));
    BOOST_TEST(pool.apply({.retries = 1}, fn<die_once>, folder.file("runs")) == 0);
    finish(pool);
    const auto file = read();
    BOOST_TEST(file.items("lost", "attempt") == 1U);
    BOOST_TEST(file.items("succeeded") == 1U);
    BOOST_TEST(file.of("t", "item").size() == 2U);
    BOOST_TEST(file.events("worker started") == 2U);
}

BOOST_AUTO_TEST_CASE(processes_that_take_turns_have_two_tracks) {
    auto options = this->options(2);
    options.max_tasks_per_worker = 5;
    options.initializer = fn<prepare>;
    procpool::pool pool(options);
    for (int round = 0; round != 10; ++round)
        pool.map(fn<twice>, std::vector<int>(10, round));
    finish(pool);
    const auto file = read();
    BOOST_TEST(file.items("succeeded") == 100U);
    BOOST_TEST(file.events("worker recycled") >= 10U);
    BOOST_TEST(file.events("worker lost") == 0U);
    BOOST_TEST(file.of("X", "hook").size() >= 2U);
    std::set<std::string> tracks;
    for (const auto& each : file.of("X", "item"))
        tracks.insert(file.track(each.track));
    BOOST_TEST(tracks.count("worker 0") == 1U);
    BOOST_TEST(tracks.count("worker 0, second process") == 1U);
}

BOOST_AUTO_TEST_CASE(workers_that_come_and_go_run_their_hooks) {
    auto options = this->options(2);
    options.min_processes = 0;
    options.idle_timeout = 0ns;
    options.initializer = fn<prepare>;
    options.finalizer = fn<prepare>;
    procpool::pool pool(options);
    pool.apply(fn<twice>, 1);
    BOOST_TEST(eventually([&] { return pool.workers().empty(); }));
    pool.apply(fn<twice>, 2);
    finish(pool);
    const auto file = read();
    BOOST_TEST(file.items("succeeded") == 2U);
    BOOST_TEST(file.events("worker lost") == 0U);
    BOOST_TEST(file.events("worker started") >= 2U);
    BOOST_TEST(file.events("worker started") == file.events("worker ended"));
    BOOST_TEST(file.items("succeeded", "hook") >= 3U);
}

BOOST_AUTO_TEST_CASE(a_pool_without_workers_is_traced) {
    auto options = this->options(2);
    options.in_process = true;
    options.initializer = fn<prepare>;
    options.finalizer = fn<prepare>;
    procpool::pool pool(options);
    BOOST_CHECK_THROW(pool.map(fn<refuse_odd>, {0, 1, 2}), std::domain_error);
    BOOST_TEST(pool.apply({.worker = 1}, fn<twice>, 4) == 8);
    BOOST_CHECK_THROW(pool.apply({.timeout = 20ms}, fn<await_stop>, folder.file("stops")),
                      procpool::task_timeout);
    cancel_two(pool, fn<await_stop>);
    finish(pool);
    const auto file = read();
    BOOST_TEST(file.items("succeeded") == 3U);
    BOOST_TEST(file.items("threw") == 1U);
    BOOST_TEST(file.items("timed out") == 1U);
    BOOST_TEST(file.items("cancelled") == 2U);
    BOOST_TEST(file.items("succeeded", "hook") == 2U);
    BOOST_TEST(file.events("worker started") == 0U);
    std::size_t of_second = 0;
    for (const auto& each : file.of("X", "item"))
        of_second += file.track(each.track) == "worker 1";
    BOOST_TEST(of_second == 1U);
}

BOOST_AUTO_TEST_CASE(an_older_file_is_replaced) {
    std::ofstream(path) << std::string(100'000, 'x');
    { const procpool::pool pool(options(1)); }
    BOOST_TEST(read().items("succeeded") == 0U);
}

BOOST_AUTO_TEST_CASE(the_file_is_valid_while_the_pool_works) {
    procpool::pool pool(options(1));
    const gate gate;
    auto held = pool.apply_async(fn<pass>, gate.path(), 1);
    BOOST_TEST_REQUIRE(gate.wait_for_arrival());
    const auto submitted = [&] {
        try {
            return trace_file::read(path).of("X", "submission").size() == 1;
        } catch (const std::exception&) { // read in the middle of a write
            return false;
        }
    };
    BOOST_TEST(eventually(submitted));
    gate.open();
    held.get();
}

BOOST_AUTO_TEST_CASE(a_killed_program_leaves_a_valid_file) {
    scripted_child program("work", {}, {{file_variable, path}});
    const auto has_items = [&] { // without reading all of it, which may take longer than it grows meanwhile
        std::string begin(std::size_t{1} << 16, '\0');
        std::ifstream(path).read(begin.data(), static_cast<std::streamsize>(begin.size()));
        return begin.find("succeeded") != std::string::npos;
    };
    BOOST_TEST_REQUIRE(eventually(has_items));
    kill_process(procpool::os::pid(program.process()));
    program.wait_for_exit();
    BOOST_TEST(trace_file::read(path).items("succeeded") >= 1U);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_written_is_a_failed_start) {
    const auto refused = [&](const std::filesystem::path& what, const std::string& why) {
        auto options = this->options(1);
        options.trace = what;
        try {
            const procpool::pool pool(options);
        } catch (const procpool::start_failed& error) {
            const std::string text = error.what();
            BOOST_TEST(text.find(why) != std::string::npos, text);
            return true;
        }
        return false;
    };
    BOOST_TEST(refused(folder.file("no folder/trace.json"), "cannot open"));
    BOOST_TEST(refused(std::filesystem::path(path).parent_path(), "cannot open"));
    const procpool::pool other(options(1));
    BOOST_TEST(refused(path, "is being written"));
#if !defined(_WIN32)
    const auto fifo = folder.file("fifo");
    BOOST_TEST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    BOOST_TEST(refused(fifo, "cannot open")); // nobody reads it
    const std::fstream reader(fifo, std::ios::in | std::ios::out);
    BOOST_TEST(refused(fifo, "is not a regular file"));
    BOOST_TEST(refused("/dev/full", "is not a regular file"));
#endif
}

#if !defined(_WIN32)

BOOST_AUTO_TEST_CASE(a_full_disk_ends_the_trace_and_not_the_pool) {
    std::atomic<int> reports{0};
    std::atomic<bool> is_full{false};
    procpool::set_unhandled([&](const std::exception_ptr& why) {
        try {
            std::rethrow_exception(why);
        } catch (const boost::system::system_error& error) {
            is_full = error.code() == boost::system::errc::file_too_large;
        }
        ++reports;
    });
    procpool::pool pool(options(1));
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    auto small = before;
    small.rlim_cur = 20'000;
    ::setrlimit(RLIMIT_FSIZE, &small); // as a full disk, but for one process
    pool.map(fn<twice>, std::vector<int>(1000, 1));
    const bool was_told = eventually([&] { return reports != 0; });
    ::setrlimit(RLIMIT_FSIZE, &before);
    BOOST_TEST(was_told);
    BOOST_TEST(is_full);
    BOOST_TEST(pool.apply(fn<twice>, 2) == 4);
    finish(pool);
    BOOST_TEST(reports == 1);
    BOOST_TEST(trace_file::read(path).track(1) == "submissions"); // and it is valid
}

#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv, [](const std::string&) -> int {
        procpool::pool_options options;
        options.processes = 1;
        options.trace = std::getenv(file_variable);
        procpool::pool pool(options);
        for (;;) { // not faster: the test reads the file
            pool.apply(fn<twice>, 1);
            std::this_thread::sleep_for(1ms);
        }
    });
}
