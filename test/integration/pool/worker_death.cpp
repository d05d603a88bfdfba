// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// A killed worker costs the task that it ran, and nothing else.
using procpool::test::temporary_folder;
using std::chrono::steady_clock;

namespace work {

void tell_pid_and_hang(const std::string& file) {
    procpool::test::append_line(file, std::to_string(procpool::test::own_pid()));
    procpool::test::sleep_for_ever();
}

int add_one(int n) {
    return n + 1;
}

int die() {
    procpool::test::kill_itself();
    return 0;
}

/// Its encoding kills the process half-way.
struct murderous {
    long victim = 0;
    std::size_t bytes = 0;
};

std::size_t length(const murderous& m) {
    return m.bytes;
}

murderous return_it(murderous m) {
    m.victim = procpool::test::own_pid();
    return m;
}

} // namespace work

template <>
struct procpool::codec<work::murderous> {
    static void encode(encoder& out, const work::murderous& m) {
        out.write(std::string(m.bytes / 2, 'a'));
        if (m.victim != 0)
            procpool::test::kill_process(m.victim);
        out.write(std::string(m.bytes - m.bytes / 2, 'b'));
    }
    static work::murderous decode(decoder& in) {
        const auto first = in.read<std::string>().size();
        return {0, first + in.read<std::string>().size()};
    }
};

namespace {

/// Kills the process whose number is in a file, as soon as the file exists.
long kill_who_told(const std::string& file, std::size_t line = 0, bool stop_first = false) {
    BOOST_REQUIRE(procpool::test::wait_for_lines(file, line + 1));
    const auto pid = std::stol(procpool::test::lines_of(file)[line]);
    if (stop_first)
        procpool::test::stop_process(pid);
    procpool::test::kill_process(pid);
    return pid;
}

template <class R>
void check_lost(const procpool::async_result<R>& result, long pid, const std::string& task) {
    try {
        result.get();
        BOOST_ERROR("nothing was thrown");
    } catch (const procpool::worker_lost& caught) {
        BOOST_TEST(caught.pid() == pid);
        BOOST_TEST(procpool::test::was_killed(caught));
        BOOST_TEST(caught.task_name() == task);
        BOOST_TEST((caught.code() == procpool::errc::worker_lost));
        BOOST_TEST(std::string(caught.what()).find(std::to_string(pid)) != std::string::npos);
        const auto* info = procpool::get_remote_info(caught);
        BOOST_REQUIRE(info != nullptr);
        BOOST_TEST(info->worker_pid == pid);
        BOOST_TEST(info->task_name == task);
    }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(worker_death, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(one_task_is_lost_and_ninety_nine_are_not) {
    const temporary_folder folder;
    procpool::pool pool(3);
    for (const bool stop_first : {false, true}) {
        const auto file = folder.file(stop_first ? "stopped" : "killed");
        std::vector<procpool::async_result<int>> others;
        const auto submit = [&](int count) {
            for (int i = 0; i != count; ++i)
                others.push_back(pool.apply_async(procpool::fn<work::add_one>, i));
        };
        submit(40);
        const auto lost = pool.apply_async(procpool::fn<work::tell_pid_and_hang>, file);
        submit(59);
        const auto pid = kill_who_told(file, 0, stop_first);
        const auto killed_at = steady_clock::now();
        BOOST_TEST(lost.wait(procpool::test::patience));
        BOOST_TEST((steady_clock::now() - killed_at < std::chrono::seconds(1)));
        check_lost(lost, pid, "work::tell_pid_and_hang");
        for (const auto& each : others)
            BOOST_CHECK_NO_THROW(each.get());
        for (std::size_t index = 0; index != 3; ++index)
            BOOST_TEST(procpool::test::is_replaced(pool, index, pid));
    }
}

BOOST_AUTO_TEST_CASE(nobody_need_wait_for_the_death_to_be_seen) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const auto lost = pool.apply_async(procpool::fn<work::tell_pid_and_hang>, folder.file("pid"));
    const auto next = pool.apply_async(procpool::fn<work::add_one>, 1);
    kill_who_told(folder.file("pid"));
    BOOST_TEST(procpool::test::eventually([&] { return lost.ready() && next.ready(); }));
    BOOST_TEST(next.get() == 2);
}

BOOST_AUTO_TEST_CASE(the_pool_is_as_large_as_before) {
    const temporary_folder folder;
    procpool::pool pool(3);
    const auto before = procpool::test::pids_of(pool);
    const auto lost = pool.apply_async(procpool::fn<work::tell_pid_and_hang>, folder.file("pid"));
    const auto pid = kill_who_told(folder.file("pid"));
    BOOST_CHECK_THROW(lost.get(), procpool::worker_lost);
    for (std::size_t i = 0; i != before.size(); ++i)
        if (before[i] == pid)
            BOOST_TEST(procpool::test::is_replaced(pool, i, pid));
    const auto after = procpool::test::pids_of(pool);
    for (std::size_t i = 0; i != before.size(); ++i)
        BOOST_TEST((before[i] == pid || after[i] == before[i]));
    BOOST_TEST(pool.size() == 3U);
}

BOOST_AUTO_TEST_CASE(all_workers_may_be_killed_at_once) {
    constexpr std::size_t workers = 4;
    const temporary_folder folder;
    procpool::pool pool(workers);
    std::vector<procpool::async_result<void>> lost;
    for (std::size_t i = 0; i != workers; ++i)
        lost.push_back(pool.apply_async(procpool::fn<work::tell_pid_and_hang>, folder.file("pids")));
    const auto next = pool.apply_async(procpool::fn<work::add_one>, 41);
    BOOST_REQUIRE(procpool::test::wait_for_lines(folder.file("pids"), workers));
    for (std::size_t i = 0; i != workers; ++i)
        kill_who_told(folder.file("pids"), i);
    for (const auto& each : lost)
        BOOST_CHECK_THROW(each.get(), procpool::worker_lost);
    BOOST_TEST(next.get() == 42);
}

BOOST_AUTO_TEST_CASE(deaths_may_follow_one_another) {
    procpool::pool pool(2);
    for (int round = 0; round != 20; ++round) {
        BOOST_CHECK_THROW(pool.apply(procpool::fn<work::die>), procpool::worker_lost);
        BOOST_TEST(pool.apply(procpool::fn<work::add_one>, round) == round + 1);
    }
    std::vector<procpool::async_result<int>> lost;
    for (int i = 0; i != 20; ++i)
        lost.push_back(pool.apply_async(procpool::fn<work::die>));
    for (const auto& each : lost)
        BOOST_CHECK_THROW(each.get(), procpool::worker_lost);
    BOOST_TEST(pool.apply(procpool::fn<work::add_one>, 1) == 2);
}

BOOST_AUTO_TEST_CASE(a_task_that_is_still_being_sent_when_the_worker_dies_is_not_lost) {
    procpool::pool pool(1);
    constexpr std::size_t bytes = 100'000'000;
    const auto pid = pool.workers()[0].pid.value();
    BOOST_TEST(pool.apply(procpool::fn<work::length>, work::murderous{pid, bytes}) == bytes);
    BOOST_TEST(pool.workers()[0].pid.value() != pid);
}

BOOST_AUTO_TEST_CASE(half_a_result_corrupts_nothing) {
    procpool::pool pool(2);
    for (const std::size_t bytes : {40U, 10'000U, 100'000U, 16'000'000U}) {
        const auto lost = pool.apply_async(procpool::fn<work::return_it>, work::murderous{0, bytes});
        const auto other = pool.apply_async(procpool::fn<work::length>, work::murderous{0, bytes});
        BOOST_CHECK_THROW(lost.get(), procpool::worker_lost);
        BOOST_TEST(other.get() == bytes);
    }
}

BOOST_AUTO_TEST_CASE(a_thousand_tasks_survive_random_deaths_between_them) {
    procpool::pool pool(3);
    std::vector<procpool::async_result<int>> results;
    for (int i = 0; i != 1000; ++i)
        results.push_back(i % 100 == 50 ? pool.apply_async(procpool::fn<work::die>)
                                        : pool.apply_async(procpool::fn<work::add_one>, i));
    for (int i = 0; i != 1000; ++i) {
        const auto& each = results[static_cast<std::size_t>(i)];
        if (i % 100 == 50)
            BOOST_CHECK_THROW(each.get(), procpool::worker_lost);
        else
            BOOST_TEST(each.get() == i + 1);
    }
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
