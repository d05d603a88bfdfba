// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/host_programs.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <csignal>
#include <functional>
#include <map>
#include <string>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

// Pools on systems with few descriptors or processes, small files or little memory. A child plays each
// program; its last word is "done".
using namespace procpool::test;

namespace {

/// Makes the next descriptor unavailable.
class no_descriptors {
  public:
    no_descriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const int next = ::dup(line_to_parent);
        ::close(next);
        const rlimit none{static_cast<rlim_t>(next), before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    no_descriptors(const no_descriptors&) = delete;
    no_descriptors& operator=(const no_descriptors&) = delete;
    ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
};

/// A worker that dies cannot be replaced then. When there are descriptors again, it is replaced on request:
/// the pool has stopped trying.
void run_out_of_descriptors() {
    procpool::pool pool(1);
    use(pool);
    {
        const no_descriptors during;
        for (int round = 0; round != 3; ++round) {
            try {
                pool.apply([] { std::raise(SIGKILL); });
                say("a death was not seen\n");
            } catch (const procpool::worker_lost&) {
                expect(round == 0, "there is one worker to lose");
            } catch (const procpool::start_failed&) {
                expect(round != 0, "the first call has a worker");
            }
        }
    }
    pool.resize(pool.size());
    use(pool);
}

void drop_privileges() {
    if (::geteuid() != 0)
        return;
    // A number that no other user is likely to have, since that user's processes would count towards the
    // limit.
    expect(::setresuid(61'337, 61'337, 61'337) == 0, "privileges can be dropped");
    ::prctl(PR_SET_DUMPABLE, 1); // otherwise /proc/self belongs to root
}

/// Limits the processes and threads of this user; the limit can be undone.
rlimit have_few_processes(rlim_t count) {
    rlimit before{};
    ::getrlimit(RLIMIT_NPROC, &before);
    const rlimit few{count, before.rlim_max};
    ::setrlimit(RLIMIT_NPROC, &few);
    return before;
}

void may_start_nothing() {
    drop_privileges();
    have_few_processes(1);
    expect_no_pool(""); // a thread or a process is lacking
}

/// The thread for callbacks is started with the first callback.
void may_start_no_more() {
    drop_privileges();
    procpool::pool pool(2);
    std::atomic<int> called = 0;
    const auto call_back = [&](int) {
        ++called;
    };
    const auto before = have_few_processes(1);
    const temporary_folder folder;
    auto first = pool.apply_async(
        [](const std::string& file) {
            wait_for_file(file);
            return 2;
        },
        folder.file("go"));
    first.on_success(call_back);
    append_line(folder.file("go"), "on");
    expect(first.get() == 2, "the result is there");
    ::setrlimit(RLIMIT_NPROC, &before);
    auto second = pool.apply_async(procpool::fn<add_one>, 2);
    second.on_success(call_back);
    expect(second.get() == 3, "the next result is there");
    pool.close();
    pool.join();
    expect(called == 2, "both callbacks were called");
}

void may_start_too_few() {
    drop_privileges();
    have_few_processes(6);
    expect_no_pool("", 20);
}

void may_write_small_files_only() {
    const rlimit small{50'000'000, 50'000'000};
    ::setrlimit(RLIMIT_FSIZE, &small);
    procpool::pool pool(2);
    const std::string text(5'000'000, 's');
    expect(pool.apply([](const std::string& s) { return s; }, text) == text, "what fits travels");
    use_up(pool);
}

void may_write_tiny_files_only() {
    const rlimit tiny{1'000'000, 1'000'000};
    ::setrlimit(RLIMIT_FSIZE, &tiny);
    try {
        procpool::pool pool(2);
        say("a pool was made of nothing\n");
    } catch (const procpool::start_failed&) {
    }
}

void have_little_address_space() {
    const rlimit little{2'000'000'000, 2'000'000'000};
    ::setrlimit(RLIMIT_AS, &little);
    procpool::pool pool(2);
    use_up(pool);
}

const std::map<std::string, std::function<void()>> scripts{
    {"may write small files only", may_write_small_files_only},
    {"may write tiny files only", may_write_tiny_files_only},
    {"has little address space", have_little_address_space},
    {"runs out of descriptors", run_out_of_descriptors},
    {"may start nothing", may_start_nothing},
    {"may start too few", may_start_too_few},
    {"may start no more", may_start_no_more},
};

int play(const std::string& script) {
    scripts.at(script)();
    say("done\n");
    return 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(host_limits, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_worker_that_cannot_be_replaced_is_when_one_asks_again) {
    BOOST_TEST(answer_to("runs out of descriptors") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_lack_of_processes_is_a_failure_that_leaves_nothing) {
    BOOST_TEST(answer_to("may start nothing") == "done\n");
    BOOST_TEST(answer_to("may start too few") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_callback_without_a_thread_is_called_with_the_next) {
    BOOST_TEST(answer_to("may start no more") == "done\n");
}

BOOST_AUTO_TEST_CASE(limits_on_files_and_address_space_are_lived_with_or_a_failure) {
    BOOST_TEST(answer_to("may write small files only") == "done\n");
    BOOST_TEST(answer_to("may write tiny files only") == "done\n");
#ifndef PROCPOOL_SANITIZED // they need more than there is
    BOOST_TEST(answer_to("has little address space") == "done\n");
#endif
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
