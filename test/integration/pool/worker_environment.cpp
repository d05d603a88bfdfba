// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/scripted_child.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#if !defined(_WIN32)
#include "support/process_facts.hpp"

#include <fcntl.h>
#include <unistd.h>
#endif

// The environment of a task: the worker in which it runs, and what that worker has inherited.
using namespace procpool::test;

namespace {

/// Returns when `count` tasks have reached this point, so that each runs in another worker.
std::pair<std::size_t, long> who_am_i(const std::string& file, std::size_t count) {
    append_line(file, "here");
    if (!wait_for_lines(file, count))
        throw std::runtime_error("not everybody came");
    return {procpool::this_worker::index(), own_pid()};
}

#if !defined(_WIN32)

std::string facts() {
    return process_facts();
}

std::vector<std::string> open_handles() {
    std::vector<std::string> out;
    for (const int descriptor : open_descriptors())
        out.push_back(std::to_string(descriptor) + ' ' + link_of(descriptor));
    return out;
}

std::string output_of(const std::string& command) {
    std::string out;
    FILE* const pipe = ::popen(command.c_str(), "r");
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
        out += static_cast<char>(c);
    ::pclose(pipe);
    return out;
}

/// Reports the process in which it is destroyed.
struct farewell {
    std::string text;
    ~farewell() { static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size())); }
};
farewell at_the_end;

/// A program that leaves text in its buffers, and in those of its workers.
int play(const std::string&) {
    ::dup2(line_to_parent, STDOUT_FILENO);
    ::dup2(line_to_parent, STDERR_FILENO);
    std::printf("{parent}");
    at_the_end.text = "{end of parent}";
    std::atexit([] { static_cast<void>(!::write(STDERR_FILENO, "{atexit}", 8)); });
    {
        procpool::pool pool(2);
        pool.apply([] {
            at_the_end.text = "{end of worker}";
            std::printf("{printf}");
            std::cout << "{cout}";
        });
        pool.close();
        pool.join();
    }
    return 0;
}

#endif

[[maybe_unused]] std::size_t times(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(worker_environment, nothing_left_behind)

BOOST_AUTO_TEST_CASE(every_worker_has_an_index_that_its_replacement_takes_over) {
    constexpr std::size_t workers = 4;
    const temporary_folder folder;
    procpool::pool pool(workers);
    for (int round = 0; round != 3; ++round) {
        const auto file = folder.file(std::to_string(round));
        std::vector<procpool::async_result<std::pair<std::size_t, long>>> results;
        for (std::size_t i = 0; i != workers; ++i)
            results.push_back(pool.apply_async(procpool::fn<who_am_i>, file, workers));
        const auto pids = pids_of(pool);
        std::vector<std::size_t> seen;
        for (const auto& each : results) {
            const auto [index, pid] = each.get();
            seen.push_back(index);
            BOOST_TEST(pids[index] == pid);
        }
        std::sort(seen.begin(), seen.end());
        BOOST_TEST((seen == std::vector<std::size_t>{0, 1, 2, 3}));
        BOOST_CHECK_THROW(pool.apply([] { kill_itself(); }), procpool::worker_lost);
        BOOST_TEST(eventually([&] {
            const auto now = pids_of(pool);
            return std::count(now.begin(), now.end(), 0) == 0;
        }));
    }
    BOOST_TEST(!procpool::this_worker::active());
    BOOST_CHECK_THROW(procpool::this_worker::index(), std::logic_error);
}

#if !defined(_WIN32) // lacks /proc; integration.os.windows_process_start looks at titles
BOOST_AUTO_TEST_CASE(the_title_says_which_worker_it_is) {
    const procpool::pool pool(3);
    for (const auto& each : pool.workers()) {
        const auto title = text_of("/proc/" + std::to_string(each.pid.value()) + "/cmdline");
        BOOST_TEST(title == "integration.pool.worker_environment [procpool worker " +
                                std::to_string(each.index) + "]|");
    }
}
#endif

#if !defined(                                                                                                \
    _WIN32) // lacks a list of the handles of a process; integration.os.windows_process_start tries one
BOOST_AUTO_TEST_CASE(a_worker_has_no_descriptors_but_its_own) {
    const int leaky = ::open("/dev/zero", O_RDONLY); // a host that does not care
    {
        procpool::pool pool(3);
        const temporary_folder folder;
        const auto lost = pool.apply_async([] { kill_itself(); });
        BOOST_CHECK_THROW(lost.get(), procpool::worker_lost);
        for (int round = 0; round != 10; ++round) {
            const auto handles = pool.apply(procpool::fn<open_handles>);
            for (std::size_t i = 3; i < handles.size(); ++i)
                BOOST_TEST((handles[i].find("procpool") != std::string::npos ||
                            handles[i].find("eventfd") != std::string::npos ||
                            handles[i].find("pidfd") != std::string::npos || // of the parent
                            handles[i].find("socket") != std::string::npos),
                           handles[i]);
            BOOST_TEST(handles.size() <= 10U);
            BOOST_TEST(handles[2].starts_with("2 "));
            BOOST_TEST(times(std::accumulate(handles.begin(), handles.end(), std::string()), "socket") == 1U);
        }
    }
    ::close(leaky);
}
#endif

#if !defined(_WIN32) // lacks signals and process groups
BOOST_AUTO_TEST_CASE(a_worker_starts_with_a_clean_slate) {
    procpool::pool pool(1);
    const auto found = pool.apply(procpool::fn<facts>);
    BOOST_TEST(fact(found, "stdin") == "/dev/null 0");
    BOOST_TEST(fact(found, "stdout") == link_of(STDOUT_FILENO));
    BOOST_TEST(fact(found, "stderr") == link_of(STDERR_FILENO));
    BOOST_TEST(fact(found, "blocked") == "0");
    // SIGTSTP, SIGTTIN and SIGTTOU, which are ignored for tasks at a terminal.
    BOOST_TEST(fact(found, "ignored") == std::to_string(7ULL << (SIGTSTP - 1)));
    BOOST_TEST(fact(found, "leads group") == "1");
    BOOST_TEST(pool.apply([] { return std::getenv("PROCPOOL_WORKER") == nullptr; }));
    BOOST_TEST(std::getenv("PROCPOOL_WORKER") == nullptr);
}
#endif

#if !defined(_WIN32) // lacks /proc
BOOST_AUTO_TEST_CASE(what_a_task_starts_inherits_nothing_of_the_pool) {
    procpool::pool pool(1);
    const auto open = pool.apply(procpool::fn<output_of>, "ls -l /proc/self/fd");
    BOOST_TEST(open.find("procpool") == std::string::npos, open);
    BOOST_TEST(open.find("eventfd") == std::string::npos, open);
    BOOST_TEST(open.find("socket") == std::string::npos, open);
    BOOST_TEST(open.find("pidfd") == std::string::npos, open);
}
#endif

#if !defined(_WIN32) // lacks dup2 on the standard streams of a child
BOOST_AUTO_TEST_CASE(what_is_left_in_buffers_appears_once) {
    const auto output = answer_to("buffers");
    for (const auto* each : {"{parent}", "{printf}", "{cout}", "{atexit}", "{end of parent}"})
        BOOST_TEST(times(output, each) == 1U, output << " does not hold once " << each);
    // Static destructors run only in the parent.
    BOOST_TEST(times(output, "{end of worker}") == 0U);
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
#if defined(_WIN32)
    return pool_main(argc, argv);
#else
    return pool_main(argc, argv, play);
#endif
}
