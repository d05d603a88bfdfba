// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/stopping_tasks.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <windows.h>

// How workers end on Windows: by faults, by TerminateProcess, by their pool, and with their parent.
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

int add_one(int n) {
    return n + 1;
}

int touch_nothing() {
    volatile int* const nowhere = nullptr;
    return *nowhere;
}

#if !defined(PROCPOOL_TEST_BY_WINE)
int overflow_stack(volatile int* from) {
    volatile int here[1000]{};
    here[0] = *from;
    if (*from == 0) // never
        return 0;
    return overflow_stack(here) + here[0];
}

int use_all_of_the_stack() {
    volatile int start = 1;
    return overflow_stack(&start);
}
#endif

int end_with(std::uint32_t code) {
    ::TerminateProcess(::GetCurrentProcess(), code);
    return 0;
}

std::wstring own_path() {
    std::wstring path(1000, L'\0');
    path.resize(::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
    return path;
}

/// Starts this program again with a script, outside any pool.
PROCESS_INFORMATION start_child(const std::string& script) {
    ::SetEnvironmentVariableA(script_variable, script.c_str());
    STARTUPINFOW info{};
    info.cb = sizeof info;
    PROCESS_INFORMATION made{};
    std::wstring line = L"child";
    BOOST_REQUIRE(::CreateProcessW(own_path().c_str(), line.data(), nullptr, nullptr, FALSE, 0, nullptr,
                                   nullptr, &info, &made) != 0);
    ::SetEnvironmentVariableA(script_variable, nullptr);
    return made;
}

/// A process that a worker starts, and that never ends by itself. Reports its number.
int leave_program_behind(const std::string& file) {
    const PROCESS_INFORMATION made = start_child("sleep");
    append_line(file, std::to_string(made.dwProcessId));
    ::CloseHandle(made.hThread);
    ::CloseHandle(made.hProcess);
    return ignore_everything(file);
}

bool dies(const std::string& pid) {
    return eventually([&] { return !is_alive(std::stol(pid)); });
}

int play(const std::string& script) {
    if (script == "sleep") {
        std::this_thread::sleep_for(endless);
        return 0;
    }
    // A parent that will be killed; the script is the file for the numbers of its workers.
    procpool::pool pool(2);
    const auto running = pool.apply_async(procpool::fn<leave_program_behind>, script);
    for (const auto& worker : pool.workers())
        append_line(script, std::to_string(worker.pid.value()));
    std::this_thread::sleep_for(endless);
    return 0;
}

procpool::worker_lost lost(procpool::async_result<int> result) {
    try {
        static_cast<void>(result.get());
    } catch (const procpool::worker_lost& error) {
        return error;
    }
    throw std::logic_error("no worker was lost");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(windows_worker_ends, nothing_left_behind)

BOOST_AUTO_TEST_CASE(an_access_violation_is_told_by_its_code) {
    procpool::pool pool(1);
    const auto error = lost(pool.apply_async(procpool::fn<touch_nothing>));
    BOOST_TEST(static_cast<std::uint32_t>(error.exit_status().value()) == 0xC0000005U);
    BOOST_TEST(std::string(error.what()).find("access violation") != std::string::npos, error.what());
    BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
}

#if !defined(PROCPOOL_TEST_BY_WINE) // lacks the exception of a stack overflow: only the thread ends
BOOST_AUTO_TEST_CASE(a_stack_overflow_is_told_with_its_stack) {
    procpool::pool pool(1);
    try {
        static_cast<void>(pool.apply(procpool::fn<use_all_of_the_stack>));
        BOOST_ERROR("no worker was lost");
    } catch (const procpool::worker_lost& error) {
        BOOST_TEST(static_cast<std::uint32_t>(error.exit_status().value()) == 0xC00000FDU);
        const auto* const info = procpool::get_remote_info(error);
        BOOST_TEST_REQUIRE(info != nullptr);
        BOOST_TEST(!info->stack.empty(), error.what());
    }
    BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
}
#endif

BOOST_AUTO_TEST_CASE(a_worker_that_ends_itself_with_success_is_lost_too) {
    procpool::pool pool(1);
    const auto error = lost(pool.apply_async(procpool::fn<end_with>, 0U));
    BOOST_TEST(error.exit_status().value() == 0);
    BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
}

// The number that GetExitCodeProcess also returns for a process that has not ended.
BOOST_AUTO_TEST_CASE(a_worker_that_ends_with_the_status_of_a_running_one_is_lost_too) {
    procpool::pool pool(1);
    const auto error = lost(pool.apply_async(procpool::fn<end_with>, std::uint32_t{STILL_ACTIVE}));
    BOOST_TEST(error.exit_status().value() == 259);
    BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
}

BOOST_AUTO_TEST_CASE(a_worker_that_a_stranger_terminates_is_replaced) {
    const temporary_folder folder;
    procpool::pool pool(1);
    auto result = pool.apply_async(procpool::fn<ignore_everything>, folder.file("began"));
    BOOST_REQUIRE(wait_for_lines(folder.file("began"), 1));
    const long pid = pool.workers().front().pid.value();
    const HANDLE worker = ::OpenProcess(PROCESS_TERMINATE, FALSE, static_cast<DWORD>(pid));
    ::TerminateProcess(worker, 9);
    ::CloseHandle(worker);
    BOOST_TEST(lost(std::move(result)).exit_status().value() == 9);
    BOOST_TEST(pool.apply(procpool::fn<add_one>, 1) == 2);
}

BOOST_AUTO_TEST_CASE(a_task_that_runs_past_its_time_out_is_stopped_with_what_it_started) {
    const temporary_folder folder;
    procpool::pool_options options;
    options.processes = 1;
    options.task_timeout = 1s;
    procpool::pool pool(options);
    auto result = pool.apply_async(procpool::fn<leave_program_behind>, folder.file("f"));
    BOOST_CHECK_THROW(static_cast<void>(result.get()), procpool::task_timeout);
    const auto told = lines_of(folder.file("f"));
    BOOST_REQUIRE(!told.empty());
    BOOST_TEST(dies(told.front()));
}

BOOST_AUTO_TEST_CASE(terminate_ends_workers_and_what_they_started) {
    const temporary_folder folder;
    procpool::pool pool(1);
    auto result = pool.apply_async(procpool::fn<leave_program_behind>, folder.file("f"));
    BOOST_REQUIRE(wait_for_lines(folder.file("f"), 2));
    pool.terminate();
    BOOST_TEST(dies(lines_of(folder.file("f")).front()));
}

BOOST_AUTO_TEST_CASE(no_process_outlives_a_parent_that_is_terminated) {
    const temporary_folder folder;
    const std::string file = folder.file("f");
    const PROCESS_INFORMATION parent = start_child(file);
    BOOST_REQUIRE(wait_for_lines(file, 4)); // two workers, a process of one of them, and a note that it waits
    ::TerminateProcess(parent.hProcess, 9);
    ::CloseHandle(parent.hThread);
    ::CloseHandle(parent.hProcess);
    for (const auto& line : lines_of(file))
        if (line != "began")
            BOOST_TEST(dies(line), line << " lives on");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
