// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/claim.hpp"
#include "channel/layout.hpp"
#include "channel/requests.hpp"
#include "support/host_programs.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/response_channel.hpp"
#include "support/scripted_child.hpp"
#include "support/temporary_folder.hpp"
#include "worker/frame_runner.hpp"

#include <procpool/procpool.hpp>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <new>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Pools on systems where system calls are missing or forbidden, or where there is little shared memory. A
// child plays each program; its last word is "done".
using namespace procpool::test;
namespace channel = procpool::channel;

namespace {

/// From now on a system call fails, in this process and in the processes that it starts.
void forbid(int call, int error, unsigned flags = 0) {
    sock_filter program[]{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{sizeof program / sizeof *program, program};
    expect(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
               ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter) == 0,
           "the system call can be forbidden");
}

/// A frame of which several items are claimed, in a process that has lost the fence: the first item has
/// started, and the parent asks for the others.
void lose_the_fence() {
    auto& claimed = procpool::serving::claimed_items::instance();
    response_channel to(64 * 1024);
    claimed.connect(to.control, to.writer);
    expect(claimed.may_be_several(), "there is a fence at the start");
    forbid(SYS_membarrier, EPERM);

    auto& word = to.control.claims[0];
    channel::open_claim(word, 8);
    channel::frame frame;
    frame.sequence = 7;
    frame.items = 8;
    frame.claim_word = &word;
    claimed.begin_frame(frame);
    expect(claimed.claim(8) && claimed.begin_first(), "an item begins");
    claimed.unclaim(channel::frame_id(7));
    expect(channel::unpack(word).next == 8, "nothing is given back without a fence");
    expect(!claimed.may_be_several(), "items are claimed one by one from then on");
    expect(claimed.begin_first() && claimed.empty(), "the next item begins, alone");
    expect(channel::unpack(word).next == 2, "what is behind it was given back by the thread that runs items");
}

int forbid_fences(int) {
    forbid(SYS_membarrier, EPERM, SECCOMP_FILTER_FLAG_TSYNC);
    return 1;
}
int square_slowly_once(int n) {
    if (n == 60)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return n * n;
}

/// Tasks may forbid system calls that the library uses in their workers.
void have_tasks_forbid_fences() {
    procpool::pool pool(2);
    pool.broadcast(procpool::fn<forbid_fences>, 0);
    std::vector<int> numbers(90);
    std::iota(numbers.begin(), numbers.end(), 0);
    for (int round = 0; round != 5; ++round) {
        const auto squares = pool.map(procpool::fn<square_slowly_once>, numbers, {.chunk_size = 90});
        for (const int n : numbers)
            expect(squares[static_cast<std::size_t>(n)] == n * n, "each item has its own result");
    }
    use(pool);
}

void have_no_memfd(int error) {
    forbid(SYS_memfd_create, error);
    procpool::pool pool(2);
    use(pool);
}

void have_no_pidfd(int error) {
    forbid(SYS_pidfd_open, error);
    expect_no_pool("pidfd_open");
}

/// Workers are then signalled by number, also workers that cannot end themselves.
void have_no_signals_by_handle(int error) {
    forbid(SYS_pidfd_send_signal, error);
    procpool::pool pool({.processes = 2, .terminate_grace = std::chrono::milliseconds(10)});
    use(pool);
    for (const auto& worker : pool.workers())
        if (worker.pid) // else the worker is being replaced
            stop_process(*worker.pid);
    const auto begin = std::chrono::steady_clock::now();
    pool.terminate();
    pool.join();
    expect(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10), "it ends soon");
    expect(::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD, "no child is left");
}

/// Mounts a small /dev/shm, in a user namespace if this process has no privileges. False: the system refuses.
bool have_dev_shm(const std::string& size) {
    if (::unshare(CLONE_NEWNS) != 0) {
        const auto user = "0 " + std::to_string(::geteuid()) + " 1";
        const auto group = "0 " + std::to_string(::getegid()) + " 1";
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
            return false;
        append_line("/proc/self/uid_map", user);
        append_line("/proc/self/setgroups", "deny");
        append_line("/proc/self/gid_map", group);
    }
    return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount("none", "/dev/shm", "tmpfs", 0, ("mode=1777,size=" + size).c_str()) == 0;
}

void need_no_dev_shm() {
    procpool::pool pool(2);
    use(pool);
}

void need_more_than_there_is() {
    forbid(SYS_memfd_create, ENOSYS);
    expect_no_pool("shared memory");
}

/// Enough memory for two workers, and little more.
void run_out_of_shared_memory() {
    forbid(SYS_memfd_create, ENOSYS);
    procpool::pool pool(2);
    for (int round = 0; round != 3; ++round) {
        use(pool);
        const std::string much(40'000'000, 'm');
        try {
            pool.apply([](const std::string& s) { return s.size(); }, much);
            say("there was room for an argument\n");
        } catch (const boost::system::system_error&) {
        } catch (const std::bad_alloc&) {
        }
        try {
            pool.apply([] { return std::string(40'000'000, 'r'); });
            say("there was room for a result\n");
        } catch (const procpool::codec_error&) {
        } catch (const std::bad_alloc&) {
        }
    }
}

void with_dev_shm(const std::string& size, void (*program)()) {
    if (have_dev_shm(size))
        program();
    else
        say("not permitted\n");
}

const std::map<std::string, std::function<void()>> scripts{
    {"no fence", lose_the_fence},
    {"tasks forbid fences", have_tasks_forbid_fences},
    {"no memfd",
     [] {
         have_no_memfd(ENOSYS);
     }},
    {"forbidden memfd",
     [] {
         have_no_memfd(EPERM);
     }},
    {"no pidfd",
     [] {
         have_no_pidfd(ENOSYS);
     }},
    {"forbidden pidfd",
     [] {
         have_no_pidfd(EPERM);
     }},
    {"no signals by handle",
     [] {
         have_no_signals_by_handle(ENOSYS);
     }},
    {"forbidden signals by handle",
     [] {
         have_no_signals_by_handle(EPERM);
     }},
    {"tiny shared memory",
     [] {
         with_dev_shm("64k", need_no_dev_shm);
     }},
    {"tiny shared memory, no memfd",
     [] {
         with_dev_shm("64k", need_more_than_there_is);
     }},
    {"little shared memory, no memfd",
     [] {
         with_dev_shm("32m", run_out_of_shared_memory);
     }},
};

int play(const std::string& script) {
    scripts.at(script)();
    say("done\n");
    return 0;
}

/// Not every system permits a file system of the test's own; if not, the test reports this.
void check_if_permitted(const std::string& script) {
    const auto answer = answer_to(script);
    BOOST_WARN_MESSAGE(answer != "not permitted\ndone\n", "not to be tried here: " << script);
    if (answer != "not permitted\ndone\n")
        BOOST_TEST(answer == "done\n");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(host_sandbox, nothing_left_behind)

BOOST_AUTO_TEST_CASE(where_there_is_no_memfd_an_unnamed_file_does) {
    BOOST_TEST(answer_to("no memfd") == "done\n");
    BOOST_TEST(answer_to("forbidden memfd") == "done\n");
}

#if !defined(PROCPOOL_FAULTS) // with which items are claimed one by one

BOOST_AUTO_TEST_CASE(where_a_task_forbids_fences_nothing_is_given_back_by_another_thread) {
    BOOST_TEST(answer_to("no fence") == "done\n");
    BOOST_TEST(answer_to("tasks forbid fences") == "done\n");
}

#endif

BOOST_AUTO_TEST_CASE(where_there_is_no_pidfd_there_is_no_pool_and_it_says_so) {
    BOOST_TEST(answer_to("no pidfd") == "done\n");
    BOOST_TEST(answer_to("forbidden pidfd") == "done\n");
}

BOOST_AUTO_TEST_CASE(where_no_signal_is_sent_by_handle_workers_are_ended_by_number) {
    BOOST_TEST(answer_to("no signals by handle") == "done\n");
    BOOST_TEST(answer_to("forbidden signals by handle") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_tiny_dev_shm_is_not_needed) {
    check_if_permitted("tiny shared memory");
}

BOOST_AUTO_TEST_CASE(too_little_shared_memory_is_an_error_and_no_signal) {
    check_if_permitted("tiny shared memory, no memfd");
    check_if_permitted("little shared memory, no memfd");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
