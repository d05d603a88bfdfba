// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/handles.hpp"
#include "status/layout.hpp"
#include "support/eventually.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/pseudo_terminal.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// procpool-top looks at this program, at its children, and at others.
using namespace std::chrono_literals;
using procpool::fn;
using procpool::pool;
using procpool::test::eventually;
using procpool::test::own_pid;
using procpool::test::program_at_terminal;
using procpool::test::scripted_child;
namespace json = boost::json;

namespace {

constexpr uid_t nobody = 65534;
constexpr int not_started = 97;

struct outcome {
    int status = 0;
    std::string text; // both streams
};

/// Runs procpool-top. `user`: 0: the own one.
outcome top(const std::vector<std::string>& arguments, uid_t user = 0) {
    int ends[2];
    BOOST_TEST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const procpool::os::unique_handle reading(ends[0]);
    procpool::os::unique_handle writing(ends[1]);
    const procpool::os::unique_handle program(::open(PROCPOOL_TOP, O_RDONLY));
    std::vector<char*> words{const_cast<char*>("procpool-top")};
    for (const auto& each : arguments)
        words.push_back(const_cast<char*>(each.c_str()));
    words.push_back(nullptr);
    const auto pid = ::fork();
    BOOST_TEST_REQUIRE(pid != -1);
    if (pid == 0) {
        ::dup2(writing.get(), STDOUT_FILENO);
        ::dup2(writing.get(), STDERR_FILENO);
        if (user == 0 || (::setgroups(0, nullptr) == 0 && ::setgid(user) == 0 && ::setuid(user) == 0))
            ::fexecve(program.get(), words.data(), environ);
        ::_exit(not_started);
    }
    writing.reset();
    outcome out;
    char bytes[4096];
    for (ssize_t got = 0; (got = ::read(reading.get(), bytes, sizeof bytes)) > 0;)
        out.text.append(bytes, static_cast<std::size_t>(got));
    int status = 0;
    BOOST_TEST_REQUIRE(::waitpid(pid, &status, 0) == pid);
    out.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return out;
}

outcome once(long pid) {
    return top({"--once", std::to_string(pid)});
}

/// The pools of a program.
json::value pools_of(long pid) {
    const auto said = top({"--json", std::to_string(pid)});
    BOOST_TEST_INFO(said.text);
    BOOST_TEST_REQUIRE(said.status == 0);
    const auto all = json::parse(said.text);
    BOOST_TEST_REQUIRE(all.at("programs").as_array().size() == 1u);
    BOOST_TEST(all.at("programs").at(0).at("pid").to_number<long>() == pid);
    return all.at("programs").at(0).at("pools");
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::uint64_t count(const json::value& pool, const char* name) {
    return pool.at("stats").at(name).to_number<std::uint64_t>();
}

void hang() {
    procpool::this_task::report(0.5);
    procpool::test::sleep_for_ever();
}
int square(int n) {
    return n * n;
}
/// In a worker: makes a pool of its own, and hangs.
void nest() {
    pool inner(1);
    inner.apply(fn<square>, 3);
    procpool::test::sleep_for_ever();
}

bool shows_running(const json::value& pools, const std::string& task, std::size_t workers) {
    if (pools.as_array().empty())
        return false;
    std::size_t found = 0;
    for (const auto& each : pools.at(0).at("workers").as_array())
        found += each.at("state").as_string() == "busy" &&
                 std::string_view(each.at("task_name").as_string()).ends_with(task);
    return found == workers;
}

/// In a child of the test.
int hold_a_pool() {
    pool own(2);
    own.map(fn<square>, {1, 2, 3});
    const auto first = own.apply_async(fn<hang>);
    const auto second = own.apply_async(fn<hang>);
    const auto third = own.apply_async(fn<hang>);
    procpool::test::say("ready");
    procpool::test::sleep_for_ever();
}

/// A program with a pool whose two workers hang.
struct holder {
    holder() {
        BOOST_TEST_REQUIRE(child.hear_some() == "ready");
        BOOST_TEST_REQUIRE(eventually([&] { return shows_running(pools_of(pid), "hang", 2); }));
    }
    void end() { ends.at_once(); }

    scripted_child child{"hold a pool"};
    const long pid = child.process().id();

  private:
    struct ending { // also if the constructor fails
        scripted_child& of;
        bool is_due = true;
        void at_once() {
            if (!std::exchange(is_due, false))
                return;
            procpool::test::kill_process(of.process().id());
            of.wait_for_exit();
        }
        ~ending() { at_once(); }
    } ends{child};
};

int watch(const std::string& pid) {
    ::setenv("TERM", "xterm", 1);
    ::execl(PROCPOOL_TOP, PROCPOOL_TOP, "--interval", "0.1", pid.c_str(), static_cast<char*>(nullptr));
    return not_started;
}

int play(const std::string& script) {
    if (script == "hold a pool")
        return hold_a_pool();
    if (script.starts_with("watch "))
        return watch(script.substr(6));
    return 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(apps_top)

BOOST_AUTO_TEST_CASE(a_program_is_shown_with_all_of_its_pools) {
    pool one(2);
    one.map(fn<square>, std::vector<int>(1000, 3));
    procpool::pool_options options;
    options.processes = 3;
    options.min_processes = 1;
    pool elastic(options);
    options = {};
    options.processes = 1;
    options.in_process = true;
    pool inside(options);
    inside.apply(fn<square>, 3);
    const auto pools = pools_of(own_pid());
    BOOST_TEST_REQUIRE(pools.as_array().size() == 3u);
    BOOST_TEST(pools.at(0).at("processes").to_number<int>() == 2);
    BOOST_TEST(count(pools.at(0), "submitted") == 1000u);
    BOOST_TEST(count(pools.at(0), "succeeded") == 1000u);
    BOOST_TEST(pools.at(0).at("stats").at("run").at("count").to_number<int>() == 1000);
    std::uint64_t done = 0;
    const auto infos = one.workers();
    BOOST_TEST_REQUIRE(pools.at(0).at("workers").as_array().size() == 2u);
    for (std::size_t i = 0; i != 2; ++i) {
        const auto& worker = pools.at(0).at("workers").at(i);
        BOOST_TEST(worker.at("pid").to_number<long>() == infos[i].pid.value());
        BOOST_TEST(worker.at("tasks_done").to_number<std::uint64_t>() == infos[i].tasks_done);
        done += worker.at("tasks_done").to_number<std::uint64_t>();
    }
    BOOST_TEST(done == 1000u);
    BOOST_TEST(pools.at(1).at("min_processes").to_number<int>() == 1);
    BOOST_TEST(pools.at(1).at("workers").as_array().size() == 1u);
    BOOST_TEST(pools.at(2).at("in_process").as_bool());
    BOOST_TEST(count(pools.at(2), "succeeded") == 1u);
}

BOOST_AUTO_TEST_CASE(the_task_that_runs_is_shown_and_its_progress) {
    pool own(2);
    own.apply(fn<square>, 3); // has a name, too
    auto hangs = own.apply_async(fn<hang>);
    BOOST_TEST(eventually([&] { return shows_running(pools_of(own_pid()), "hang", 1); }));
    BOOST_TEST(eventually([&] { return contains(once(own_pid()).text, "hang (50%)"); }));
    const auto pools = pools_of(own_pid());
    BOOST_TEST(count(pools.at(0), "running") == 1u);
    BOOST_TEST(count(pools.at(0), "queued") == 0u);
}

BOOST_AUTO_TEST_CASE(a_task_in_the_program_itself_is_shown) {
    procpool::pool_options options;
    options.in_process = true;
    pool own(options);
    static std::atomic<bool> may_end{false};
    auto waits = own.apply_async([] { may_end.wait(false); });
    BOOST_TEST(eventually([&] {
        const auto pools = pools_of(own_pid());
        return count(pools.at(0), "running") == 1 &&
               pools.at(0).at("workers").at(0).at("state").as_string() == "busy";
    }));
    may_end = true;
    may_end.notify_all();
    waits.wait();
    BOOST_TEST(count(pools_of(own_pid()).at(0), "running") == 0u);
}

BOOST_AUTO_TEST_CASE(replaced_and_dead_workers_are_shown) {
    pool own(1);
    const auto first = own.workers().at(0).pid.value();
    procpool::test::kill_process(first);
    own.apply(fn<square>, 3);
    const auto worker = pools_of(own_pid()).at(0).at("workers").at(0);
    BOOST_TEST(worker.at("pid").to_number<long>() != first);
    BOOST_TEST(worker.at("restarts").to_number<int>() == 1);
    own.resize(3);
    BOOST_TEST(pools_of(own_pid()).at(0).at("workers").as_array().size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_closed_pool_is_shown_until_it_is_gone) {
    {
        pool own(1);
        own.close();
        BOOST_TEST(pools_of(own_pid()).at(0).at("state").as_string() == "closed");
        own.terminate();
        BOOST_TEST(pools_of(own_pid()).at(0).at("state").as_string() == "terminated");
        own.join();
    }
    const auto said = once(own_pid());
    BOOST_TEST(said.status == 1);
    BOOST_TEST(said.text == "procpool-top: process " + std::to_string(own_pid()) +
                                " has no pool, or was built with a procpool that shows none\n");
}

BOOST_AUTO_TEST_CASE(a_stopped_program_is_shown) {
    holder other;
    procpool::test::stop_process(other.pid);
    BOOST_TEST(eventually([&] { return contains(once(other.pid).text, ", stopped\n"); }));
    const auto pools = pools_of(other.pid);
    BOOST_TEST(shows_running(pools, "hang", 2));
    BOOST_TEST(count(pools.at(0), "succeeded") == 3u);
    BOOST_TEST(count(pools.at(0), "running") == 2u);
    BOOST_TEST(count(pools.at(0), "queued") == 1u);
}

BOOST_AUTO_TEST_CASE(pools_in_workers_belong_to_the_workers) {
    pool own(1);
    auto nests = own.apply_async(fn<nest>);
    const auto worker = own.workers().at(0).pid.value();
    BOOST_TEST(eventually([&] {
        const auto said = top({"--json", std::to_string(worker)});
        return said.status == 0 &&
               count(json::parse(said.text).at("programs").at(0).at("pools").at(0), "succeeded") == 1;
    }));
    BOOST_TEST(pools_of(own_pid()).as_array().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_forked_copy_has_no_pool) {
    pool own(1);
    const auto copy = ::fork();
    if (copy == 0) {
        ::pause();
        ::_exit(0);
    }
    const auto said = once(copy);
    BOOST_TEST(said.status == 1);
    BOOST_TEST(contains(said.text, "has no pool"));
    ::kill(copy, SIGKILL);
    ::waitpid(copy, nullptr, 0);
}

BOOST_AUTO_TEST_CASE(all_programs_are_found) {
    holder other;
    pool own(1);
    const auto said = top({"--json"});
    BOOST_TEST_REQUIRE(said.status == 0);
    std::size_t found = 0;
    const auto all = json::parse(said.text);
    for (const auto& each : all.at("programs").as_array()) {
        const auto pid = each.at("pid").to_number<long>();
        found += pid == own_pid() || pid == other.pid;
    }
    BOOST_TEST(found == 2u);
}

BOOST_AUTO_TEST_CASE(without_rights_there_is_a_sentence) {
    const auto expect = [](const outcome& said, long pid) {
        if (said.status == not_started) {
            BOOST_TEST_MESSAGE("the other user cannot start procpool-top");
            return;
        }
        BOOST_TEST(said.status == 1);
        BOOST_TEST(
            said.text.starts_with("procpool-top: process " + std::to_string(pid) + " belongs to the user "));
        BOOST_TEST(said.text.ends_with(", and only that user or root may look into it\n"));
    };
    struct stat first {};
    if (::geteuid() == 0) {
        pool own(1);
        expect(top({"--once", std::to_string(own_pid())}, nobody), own_pid());
        const auto all = top({"--once"}, nobody);
        if (all.status != not_started)
            BOOST_TEST(!contains(all.text, std::to_string(own_pid())));
    } else if (::stat("/proc/1", &first) == 0 && first.st_uid != ::geteuid()) {
        expect(once(1), 1);
    } else {
        BOOST_TEST_MESSAGE("every process is of this user");
    }
}

BOOST_AUTO_TEST_CASE(a_process_that_is_none_has_a_sentence) {
    constexpr long none = (1L << 22) - 1; // larger than all that the system gives by default
    const auto said = once(none);
    BOOST_TEST(said.status == 1);
    BOOST_TEST(said.text ==
               "procpool-top: there is no process " + std::to_string(none) + " that this user may see\n");
    BOOST_TEST(top({"--once", "twelve"}).status == 2);
    BOOST_TEST(contains(top({"--once", "twelve"}).text, "'twelve' is no process"));
    BOOST_TEST(top({"--once", "1", "2"}).status == 2);
    BOOST_TEST(contains(top({"--sort", "name"}).text, "--sort takes index, tasks or time, not 'name'"));
}

BOOST_AUTO_TEST_CASE(a_process_that_has_ended_has_a_sentence) {
    const auto child = ::fork();
    if (child == 0)
        ::_exit(0);
    siginfo_t ended{};
    BOOST_TEST_REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0);
    BOOST_TEST(once(child).text == "procpool-top: process " + std::to_string(child) + " has ended\n");
    ::waitpid(child, nullptr, 0);
}

BOOST_AUTO_TEST_CASE(a_pool_of_another_version_is_not_misread) {
    const procpool::os::unique_handle other(::memfd_create(procpool::status::memory_name, MFD_CLOEXEC));
    procpool::status::page_prefix prefix{};
    prefix.magic = procpool::status::page_magic;
    std::string("7.8.9").copy(prefix.library_version.data(), 5);
    prefix.pid = static_cast<std::uint64_t>(own_pid());
    BOOST_TEST_REQUIRE(::write(other.get(), &prefix, sizeof prefix) == sizeof prefix);
    const auto said = once(own_pid());
    BOOST_TEST(said.status == 1);
    BOOST_TEST(contains(said.text,
                        "a pool is not shown: it was made by procpool 7.8.9, with another layout than that "
                        "of procpool-top "));
    pool own(1); // is shown all the same
    const auto both = top({"--json", std::to_string(own_pid())});
    BOOST_TEST_REQUIRE(both.status == 0);
    const auto program = json::parse(both.text).at("programs").at(0);
    BOOST_TEST(program.at("pools").as_array().size() == 1u);
    BOOST_TEST(program.at("not_shown").as_array().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_memory_can_only_be_read) {
    pool own(1);
    std::size_t found = 0;
    for (const int each : procpool::test::open_descriptors()) {
        char target[128]{};
        const auto path = "/proc/self/fd/" + std::to_string(each);
        if (::readlink(path.c_str(), target, sizeof target - 1) <= 0 || !contains(target, "procpool-status"))
            continue;
        ++found;
        const procpool::os::unique_handle again(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        if (!again)
            continue; // as for every user but root
        BOOST_TEST((::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, again.get(), 0) == MAP_FAILED));
        BOOST_TEST(::pwrite(again.get(), "x", 1, 0) == -1);
        BOOST_TEST(::ftruncate(again.get(), 0) == -1);
    }
    BOOST_TEST(found == 1u);
}

#if defined(PROCPOOL_TOP_HAS_SCREEN)

BOOST_AUTO_TEST_CASE(the_view_ends_with_q) {
    holder other;
    program_at_terminal view("watch " + std::to_string(other.pid));
    view.resize(40, 100);
    BOOST_TEST(view.shows("hang (50%)"));
    view.type("t");
    view.resize(20, 60); // is drawn again
    view.type("q");
    BOOST_TEST(view.shows("\x1b[?1049l"));                            // the shell's screen again
    BOOST_TEST(eventually([&] { return view.is_as_for_a_shell(); })); // after the last text
    const int status = view.wait();
    BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

BOOST_AUTO_TEST_CASE(the_view_gives_the_terminal_back_at_a_signal) {
    holder other;
    for (const int signal : {SIGTERM, SIGINT}) {
        program_at_terminal view("watch " + std::to_string(other.pid));
        BOOST_TEST(view.shows("pool 1"));
        if (signal == SIGINT)
            view.type("\x03");
        else
            ::kill(static_cast<pid_t>(view.pid()), signal);
        BOOST_TEST(view.shows("\x1b[?1049l"));
        BOOST_TEST(eventually([&] { return view.is_as_for_a_shell(); })); // after the last text
        const int status = view.wait();
        BOOST_TEST((WIFSIGNALED(status) && WTERMSIG(status) == signal));
    }
}

BOOST_AUTO_TEST_CASE(the_view_ends_with_the_program) {
    holder other;
    const auto pid = other.pid;
    program_at_terminal view("watch " + std::to_string(pid));
    BOOST_TEST(view.shows("pool 1"));
    other.end();
    BOOST_TEST(view.shows("procpool-top: process " + std::to_string(pid) + " has ended"));
    BOOST_TEST(eventually([&] { return view.is_as_for_a_shell(); })); // after the last text
    const int status = view.wait();
    BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 1));
}

#endif

BOOST_AUTO_TEST_CASE(the_view_needs_a_terminal) {
    const auto said = top({std::to_string(own_pid())});
    BOOST_TEST(said.status == 1);
    BOOST_TEST(contains(said.text, "use --once"));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv, play);
}
