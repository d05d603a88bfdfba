// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/eventually.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <string>

#include <windows.h>

// What workers have around them on Windows: the console of their parent, and no dialogs.
using namespace procpool::test;

namespace {

constexpr unsigned no_dialogs = SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX;

unsigned error_mode() {
    return ::GetErrorMode();
}

int error_mode_of_c_library() {
    return ::_set_error_mode(_REPORT_ERRMODE);
}

/// The processes that have the console of this one; 0 if it has none.
std::size_t processes_at_console() {
    DWORD ids[64];
    return ::GetConsoleCP() == 0 ? 0 : ::GetConsoleProcessList(ids, 64);
}

constexpr DWORD good = 0; // the exit code of a host that found everything right
constexpr DWORD bad = 1;

/// Two workers have the console of their parent, or, like it, none.
bool consoles_are_right() {
    procpool::pool pool(2);
    const std::size_t own = processes_at_console();
    return pool.apply(procpool::fn<processes_at_console>) == own && (own == 0 || own == pool.size() + 1);
}

BOOL WINAPI handle_event(DWORD) {
    return TRUE;
}

std::atomic<bool> event_came{false};

/// Those that were set before are asked what to do.
BOOL WINAPI note_event(DWORD) {
    event_came = true;
    return FALSE;
}

bool note_events() {
    return ::SetConsoleCtrlHandler(note_event, TRUE) != 0;
}

bool event_has_come() {
    return event_came;
}

/// A worker goes on after an event of the console that it shares with this process. One that replaced it would
/// not have noted an event.
bool ctrl_break_is_survived() {
    ::SetConsoleCtrlHandler(handle_event, TRUE);
    procpool::pool pool(1);
    const auto came = [&] {
        return pool.apply(procpool::fn<event_has_come>);
    };
    return pool.apply(procpool::fn<note_events>) && ::GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, 0) != 0 &&
           eventually(came) && came();
}

int play(const std::string& script) {
    const bool right = script == "consoles" ? consoles_are_right() : ctrl_break_is_survived();
    return static_cast<int>(right ? good : bad);
}

/// The exit code of this program, started with a script and flags, outside of any pool.
DWORD end_of(const char* script, DWORD flags) {
    std::wstring path(1000, L'\0');
    path.resize(::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
    ::SetEnvironmentVariableA(script_variable, script);
    STARTUPINFOW info{};
    info.cb = sizeof info;
    PROCESS_INFORMATION made{};
    std::wstring line = L"host";
    BOOST_REQUIRE(::CreateProcessW(path.c_str(), line.data(), nullptr, nullptr, FALSE, flags, nullptr,
                                   nullptr, &info, &made) != 0);
    ::SetEnvironmentVariableA(script_variable, nullptr);
    ::WaitForSingleObject(made.hProcess, INFINITE);
    DWORD code = bad;
    ::GetExitCodeProcess(made.hProcess, &code);
    ::CloseHandle(made.hThread);
    ::CloseHandle(made.hProcess);
    return code;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(windows_surroundings, nothing_left_behind)

BOOST_AUTO_TEST_CASE(no_dialog_waits_for_a_user_of_a_worker) {
    const unsigned own = error_mode();
    const int own_of_c_library = error_mode_of_c_library();
    procpool::pool pool(1);
    BOOST_TEST((pool.apply(procpool::fn<error_mode>) & no_dialogs) == no_dialogs);
    BOOST_TEST(pool.apply(procpool::fn<error_mode_of_c_library>) == _OUT_TO_STDERR);
    BOOST_TEST(error_mode() == own);
    BOOST_TEST(error_mode_of_c_library() == own_of_c_library);
}

BOOST_AUTO_TEST_CASE(workers_have_the_console_of_their_parent_or_none) {
    BOOST_TEST(end_of("consoles", CREATE_NO_WINDOW) == good); // a console without a window
    BOOST_TEST(end_of("consoles", DETACHED_PROCESS) == good); // no console
}

#if !defined(PROCPOOL_TEST_BY_WINE) // lacks events that a program sends to its own console
BOOST_AUTO_TEST_CASE(ctrl_break_does_not_end_a_worker) {
    BOOST_TEST(end_of("ctrl-break", CREATE_NO_WINDOW) == good);
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
