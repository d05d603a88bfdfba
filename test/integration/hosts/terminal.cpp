// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/pseudo_terminal.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

// Programs whose standard streams are a terminal that stops background jobs when they write (`stty tostop`).
// Workers are background jobs, since each leads its own process group.
using namespace procpool::test;

namespace {

void set_local_flag(tcflag_t flag) {
    termios settings{};
    ::tcgetattr(STDOUT_FILENO, &settings);
    settings.c_lflag |= flag;
    ::tcsetattr(STDOUT_FILENO, TCSANOW, &settings);
}

bool has_local_flag(tcflag_t flag) {
    termios settings{};
    ::tcgetattr(STDOUT_FILENO, &settings);
    return (settings.c_lflag & flag) != 0;
}

void print_line() {
    std::puts("printed by a task");
    std::fflush(stdout);
}

int turn_echo_off() {
    termios settings{};
    ::tcgetattr(STDOUT_FILENO, &settings);
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    return ::tcsetattr(STDOUT_FILENO, TCSANOW, &settings);
}

int run_stty() {
    return std::system("stty echo </dev/tty && echo printed by a program");
}

int read_from_terminal() {
    const int terminal = ::open("/dev/tty", O_RDONLY | O_CLOEXEC);
    char key = 0;
    const int result = ::read(terminal, &key, 1) == -1 ? errno : 0;
    ::close(terminal);
    return result;
}

int stop_itself() {
    return std::raise(SIGTSTP);
}

/// The result of the task. For a stopped worker, an error is thrown instead of a hang.
template <auto Task>
auto result_of(procpool::pool& pool) {
    return pool.apply_async(procpool::fn<Task>).get(patience / 2);
}

void print_and_set_and_read() {
    set_local_flag(TOSTOP);
    procpool::pool pool(1);
    result_of<print_line>(pool);
    const int set = result_of<turn_echo_off>(pool);
    std::printf("tcsetattr %d, echo %d\n", set, has_local_flag(ECHO));
    std::fflush(stdout);
    const int stty = result_of<run_stty>(pool);
    std::printf("stty %d, echo %d\n", stty, has_local_flag(ECHO));
    std::printf("read: %s\n", result_of<read_from_terminal>(pool) == EIO ? "EIO" : "something else");
    std::printf("suspend %d\n", result_of<stop_itself>(pool));
}

/// As in a program that asks the user before it ends.
void go_on_after_interrupts() {
    static std::atomic<int> interrupts = 0;
    std::signal(SIGINT, [](int) { ++interrupts; });
    procpool::pool pool(2);
    const auto before = pids_of(pool);
    const auto running = pool.apply_async([] { ::usleep(300'000); });
    std::puts("ready");
    std::fflush(stdout);
    static_cast<void>(eventually([] { return interrupts == 1; }));
    running.get();
    std::printf("interrupts %d, same workers %d\n", interrupts.load(), before == pids_of(pool));
}

void be_ended_by_an_interrupt() {
    procpool::pool pool(2);
    const auto running = pool.apply_async([] { sleep_for_ever(); });
    for (const long worker : pids_of(pool))
        std::printf("worker %ld\n", worker);
    std::puts("ready");
    std::fflush(stdout);
    running.get();
}

const std::map<std::string, std::function<void()>> scripts{
    {"prints, sets and reads", print_and_set_and_read},
    {"goes on after interrupts", go_on_after_interrupts},
    {"is ended by an interrupt", be_ended_by_an_interrupt},
};

int play(const std::string& script) {
    try {
        scripts.at(script)();
    } catch (const std::exception& why) {
        std::puts(why.what());
    }
    std::puts("done");
    return 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(terminal, nothing_left_behind)

BOOST_AUTO_TEST_CASE(tasks_print_and_set_the_terminal_and_are_refused_its_input) {
    program_at_terminal program("prints, sets and reads");
    BOOST_TEST(program.shows("done"), program.seen());
    for (const char* const each : {"printed by a task", "tcsetattr 0, echo 0", "printed by a program",
                                   "stty 0, echo 1", "read: EIO", "suspend 0"})
        BOOST_TEST(program.seen().find(each) != std::string::npos, each << " is missing in:\n"
                                                                        << program.seen());
    BOOST_TEST(program.wait() == 0);
}

BOOST_AUTO_TEST_CASE(a_ctrl_c_reaches_the_program_alone) {
    program_at_terminal program("goes on after interrupts");
    BOOST_TEST_REQUIRE(program.shows("ready"), program.seen());
    program.type("\x03");
    BOOST_TEST(program.shows("interrupts 1, same workers 1"), program.seen());
    BOOST_TEST(program.shows("done"), program.seen());
    BOOST_TEST(program.wait() == 0);
}

BOOST_AUTO_TEST_CASE(workers_end_with_a_program_that_a_ctrl_c_ends) {
    program_at_terminal program("is ended by an interrupt");
    BOOST_TEST_REQUIRE(program.shows("ready"), program.seen());
    program.type("\x03");
    const int status = program.wait();
    BOOST_TEST((WIFSIGNALED(status) && WTERMSIG(status) == SIGINT));
    const std::string& text = program.seen();
    int workers = 0;
    for (auto at = text.find("worker "); at != std::string::npos; at = text.find("worker ", at + 1)) {
        ++workers;
        const long worker = std::stol(text.substr(at + 7));
        BOOST_TEST(eventually([&] { return !is_alive(worker); }));
    }
    BOOST_TEST(workers == 2);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
