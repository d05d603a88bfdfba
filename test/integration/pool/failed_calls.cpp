// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/handles.hpp"
#include "support/environment.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"
#include "support/stopping_tasks.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#if !defined(_WIN32)
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#endif

// pool_options::keep_failed_calls_in, and running such a call again.
using namespace std::chrono_literals;
using procpool::fn;
using procpool::pool;
using procpool::pool_options;
using procpool::test::temporary_folder;
namespace fs = std::filesystem;

namespace {

/// Dies in a worker, but not where the call is run again.
int die_in_worker(int n) {
    if (procpool::this_worker::active())
        procpool::test::kill_itself();
    return 10 * n;
}
double die_of_many(std::span<const double> numbers, const std::string& text) {
    if (procpool::this_worker::active())
        procpool::test::kill_itself();
    return static_cast<double>(numbers.size()) + numbers.front() + static_cast<double>(text.size());
}
std::vector<int> die_with_a_list(int n) {
    die_in_worker(n);
    return {n};
}
void die_with_nothing(int n) {
    die_in_worker(n);
}
int die_or_throw(int n) {
    die_in_worker(n);
    throw std::out_of_range("no " + std::to_string(n));
}
std::uint64_t die_of_seed(int n) {
    die_in_worker(n);
    return procpool::this_task::active() ? procpool::this_task::seed() : 0;
}
int use_pool_when_alone(int n) {
    die_in_worker(n);
    return pool(1).apply([](int m) { return m + 1; }, n);
}
struct scale {
    int by = 1;
    int operator()(int n) const { return die_in_worker(n) * by; }
};
int never_end(int) {
    procpool::test::sleep_for_ever();
}

pool_options keeping(const temporary_folder& folder, std::size_t processes = 1) {
    pool_options options;
    options.processes = processes;
    options.keep_failed_calls_in = fs::path(folder.file("")).parent_path();
    options.terminate_grace = 0ms;
    return options;
}

/// What a call that fails says about it.
struct failure {
    std::string what;
    fs::path saved;
};
template <class Error, class Call>
failure failure_of(Call call) {
    try {
        call();
    } catch (const Error& error) {
        const auto* const info = procpool::get_remote_info(error);
        BOOST_TEST_REQUIRE(info != nullptr);
        BOOST_TEST(info->what == error.what());
        return {error.what(), info->saved_call};
    }
    BOOST_TEST_REQUIRE(false, "nothing was thrown");
    return {};
}

struct run {
    std::string output;
    int status = -1;
};
/// Runs a file again.
run again(const fs::path& file) {
    const temporary_folder folder;
    const auto output = folder.file("output");
    procpool::test::set_environment("PROCPOOL_REPLAY", file.string());
    const auto program = std::string(boost::unit_test::framework::master_test_suite().argv[0]);
    const int how = std::system(('"' + program + "\" > " + output + " 2>&1").c_str());
    procpool::test::unset_environment("PROCPOOL_REPLAY");
    std::ifstream in(output);
    run out;
    out.output.assign(std::istreambuf_iterator<char>(in), {});
#if defined(_WIN32)
    out.status = how;
#else
    out.status = WIFEXITED(how) ? WEXITSTATUS(how) : -1;
#endif
    return out;
}

std::string contents_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
void write(const fs::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(failed_calls, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_call_that_cost_its_worker_is_kept_and_can_be_run_again) {
    const temporary_folder folder;
    pool p(keeping(folder));
    const auto lost = failure_of<procpool::worker_lost>([&] { p.apply(fn<die_in_worker>, 4); });
    BOOST_TEST(lost.what.find("The call was saved to \"" + lost.saved.string() + '"') != std::string::npos);
    const auto name = lost.saved.filename().string();
    BOOST_TEST(name.find("die_in_worker-") != std::string::npos);
    BOOST_TEST(name.ends_with("-1.call"));
#if !defined(_WIN32)
    struct stat facts {};
    BOOST_TEST_REQUIRE(::stat(lost.saved.c_str(), &facts) == 0);
    BOOST_TEST((facts.st_mode & 0777) == 0600U);
#endif
    const auto replayed = again(lost.saved);
    BOOST_TEST(replayed.status == 0);
    BOOST_TEST(replayed.output.find("returned 40") != std::string::npos);
    const auto next = failure_of<procpool::worker_lost>([&] { p.apply(fn<die_in_worker>, 5); });
    BOOST_TEST(next.saved.filename().string().ends_with("-2.call"));
    BOOST_TEST(again(next.saved).output.find("returned 50") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(arguments_of_any_size_and_function_objects_are_kept) {
    const temporary_folder folder;
    pool p(keeping(folder));
    for (const std::size_t size : {std::size_t{3}, std::size_t{2000}, std::size_t{200'000}}) {
        const auto lost = failure_of<procpool::worker_lost>(
            [&] { p.apply(fn<die_of_many>, std::vector<double>(size, 0.5), std::string(size, 'x')); });
        std::ostringstream wanted;
        wanted << "returned " << 2 * static_cast<double>(size) + 0.5;
        BOOST_TEST(again(lost.saved).output.find(wanted.str()) != std::string::npos);
    }
    const auto lost = failure_of<procpool::worker_lost>([&] { p.apply(scale{3}, 2); });
    BOOST_TEST(again(lost.saved).output.find("returned 60") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_item_is_kept_alone) {
    const temporary_folder folder;
    pool p(keeping(folder));
    const auto die_of_long = [](const std::string& text) {
        if (text.size() > 3)
            die_in_worker(0);
        return text.size();
    };
    const auto lost = failure_of<procpool::worker_lost>([&] {
        p.map(die_of_long, std::vector<std::string>{"a", "bb", "ccccc", "d"}, {.chunk_size = 4});
    });
    const auto replayed = again(lost.saved);
    BOOST_TEST(replayed.status == 0);
    BOOST_TEST(replayed.output.find("(item 2) returned 5") != std::string::npos);
    BOOST_TEST(contents_of(lost.saved).find("bb") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(items_of_a_reduction_are_kept) {
    const temporary_folder folder;
    pool p(keeping(folder));
    const auto lost = failure_of<procpool::worker_lost>([&] {
        p.map_reduce(
            fn<die_in_worker>, {7}, [](int a, int b) { return a + b; }, 0);
    });
    BOOST_TEST(again(lost.saved).output.find("returned 70") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_call_that_timed_out_is_kept) {
    const temporary_folder folder;
    pool p(keeping(folder));
    const auto late =
        failure_of<procpool::task_timeout>([&] { p.apply({.timeout = 10ms}, fn<never_end>, 4); });
    BOOST_TEST(fs::is_regular_file(late.saved));
    BOOST_TEST(late.saved.filename().string().find("never_end-") != std::string::npos);
    auto patient = keeping(folder);
    patient.terminate_grace = procpool::test::endless;
    pool q(patient);
    const auto stopped = failure_of<procpool::task_timeout>(
        [&] { q.apply({.timeout = 10ms}, fn<procpool::test::await_stop>, folder.file("log")); });
    BOOST_TEST(fs::is_regular_file(stopped.saved));
}

BOOST_AUTO_TEST_CASE(a_call_that_timed_out_in_process_is_kept) {
    const temporary_folder folder;
    auto options = keeping(folder);
    options.in_process = true;
    pool p(options);
    const auto late = failure_of<procpool::task_timeout>(
        [&] { p.apply({.timeout = 10ms}, fn<procpool::test::await_stop>, folder.file("log")); });
    BOOST_TEST(fs::is_regular_file(late.saved));
    BOOST_TEST(late.saved.filename().string().find(std::to_string(procpool::test::own_pid())) !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_the_task_returns_or_throws_is_told) {
    const temporary_folder folder;
    pool p(keeping(folder));
    const auto list = failure_of<procpool::worker_lost>([&] { p.apply(fn<die_with_a_list>, 1); });
    BOOST_TEST(again(list.saved).status == 0);
    BOOST_TEST(again(list.saved).output.ends_with("returned\n"));
    const auto nothing = failure_of<procpool::worker_lost>([&] { p.apply(fn<die_with_nothing>, 1); });
    BOOST_TEST(again(nothing.saved).output.ends_with("returned\n"));
    const auto thrower = failure_of<procpool::worker_lost>([&] { p.apply(fn<die_or_throw>, 7); });
    const auto thrown = again(thrower.saved);
    BOOST_TEST(thrown.status == 1);
    BOOST_TEST(thrown.output.find("threw std::out_of_range: no 7") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_call_that_is_run_again_is_a_task_and_may_make_a_pool) {
    const temporary_folder folder;
    auto options = keeping(folder);
    options.seed = 5;
    pool p(options);
    const auto want = [&] {
        pool_options plain;
        plain.processes = 1;
        plain.seed = 5;
        return pool(plain).apply([] { return procpool::this_task::seed(); });
    }();
    const auto seeded = failure_of<procpool::worker_lost>([&] { p.apply(fn<die_of_seed>, 1); });
    BOOST_TEST(again(seeded.saved).output.find("returned " + std::to_string(want)) != std::string::npos);
    const auto nested = failure_of<procpool::worker_lost>([&] { p.apply(fn<use_pool_when_alone>, 1); });
    const auto replayed = again(nested.saved);
    BOOST_TEST(replayed.output.find("returned 2") != std::string::npos);
    BOOST_TEST(replayed.status == 0);
}

BOOST_AUTO_TEST_CASE(other_files_are_refused) {
    const temporary_folder folder;
    pool p(keeping(folder));
    const auto lost = failure_of<procpool::worker_lost>([&] { p.apply(fn<die_in_worker>, 4); });
    const auto right = contents_of(lost.saved);
    const fs::path wrong = folder.file("wrong");
    const auto refused = [&](const std::string& bytes) {
        write(wrong, bytes);
        return again(wrong);
    };
    BOOST_TEST(refused("").status == 2);
    BOOST_TEST(refused("hello").status == 2);
    BOOST_TEST(refused(right.substr(0, right.size() / 2)).status == 2);
    auto damaged = right;
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
    const auto why = refused(damaged);
    BOOST_TEST(why.status == 2);
    BOOST_TEST(why.output.find("it is damaged") != std::string::npos);
    BOOST_TEST(again(folder.file("not there")).status == 2);
    BOOST_TEST(again(folder.file("")).status == 2);
    BOOST_TEST(again(lost.saved).status == 0);
}

BOOST_AUTO_TEST_CASE(retries_keep_only_the_last_run) {
    const temporary_folder folder;
    pool p(keeping(folder));
    const auto lost =
        failure_of<procpool::worker_lost>([&] { p.apply({.retries = 2}, fn<die_in_worker>, 4); });
    BOOST_TEST(std::distance(fs::directory_iterator(lost.saved.parent_path()), fs::directory_iterator()) ==
               1);
}

BOOST_AUTO_TEST_CASE(a_call_that_cannot_be_kept_fails_as_always) {
    std::optional<pool> p;
    {
        const temporary_folder folder;
        p.emplace(keeping(folder));
    }
    const auto lost = failure_of<procpool::worker_lost>([&] { p->apply(fn<die_in_worker>, 4); });
    BOOST_TEST(lost.saved.empty());
    BOOST_TEST(lost.what.find("The call could not be saved: ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_the_option_nothing_is_kept_and_a_wrong_folder_is_refused) {
    pool p(1);
    const auto lost = failure_of<procpool::worker_lost>([&] { p.apply(fn<die_in_worker>, 4); });
    BOOST_TEST(lost.saved.empty());
    BOOST_TEST(lost.what.find("saved") == std::string::npos);
    pool_options options;
    options.keep_failed_calls_in = "/no/such/folder";
    BOOST_CHECK_THROW(pool{options}, std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_file_is_never_overwritten) {
    const temporary_folder folder;
    const fs::path file = folder.file("there");
    write(file, "old");
    const std::byte bytes[3]{};
    BOOST_TEST(!procpool::os::write_new_file(file, bytes));
    BOOST_TEST(contents_of(file) == "old");
#if !defined(_WIN32)
    const fs::path link = folder.file("link");
    fs::create_symlink(folder.file("elsewhere"), link);
    BOOST_TEST(!procpool::os::write_new_file(link, bytes));
    BOOST_TEST(!fs::exists(folder.file("elsewhere")));
#endif
    BOOST_TEST(procpool::os::write_new_file(folder.file("new"), bytes));
    BOOST_TEST(contents_of(folder.file("new")).size() == 3U);
}

#if !defined(_WIN32)
BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_written_is_not_left_behind) {
    const temporary_folder folder;
    const std::vector<std::byte> bytes(17);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = 16;
    ::setrlimit(RLIMIT_FSIZE, &small); // a longer file would end this process by a signal
    bool refused = false;
    try {
        procpool::os::write_new_file(folder.file("new"), bytes);
    } catch (const boost::system::system_error& why) {
        refused = why.code() == boost::system::errc::file_too_large;
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    BOOST_TEST(refused);
    BOOST_TEST(!fs::exists(folder.file("new")));
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
