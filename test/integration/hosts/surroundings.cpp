// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/environment.hpp"
#include "support/host_programs.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <system_error>

#if !defined(_WIN32)
#include <sys/stat.h>
#include <unistd.h>
#endif

// Programs that change their environment, working directory or umask while they have a pool. A child plays
// each program; its last word is "done".
using namespace procpool::test;
namespace fs = std::filesystem;

namespace {

std::string variable(const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
}

std::string folder() {
    std::error_code none;
    return fs::current_path(none).string();
}

/// Checks that the worker has the surroundings that the program had when it made the pool.
void expect_surroundings(procpool::pool& pool, const std::string& where) {
    expect(pool.apply(procpool::fn<variable>, "PROCPOOL_TEST_OLD") == "as it was",
           "variables are as they were");
    expect(pool.apply(procpool::fn<variable>, "PROCPOOL_TEST_NEW").empty(),
           "there is no variable that came later");
    expect(pool.apply(procpool::fn<folder>) == where, "the working directory is the same");
}

void replace(procpool::pool& pool) {
    const auto old = pids_of(pool)[0];
    kill_process(old);
    expect(is_replaced(pool, 0, old), "the worker is replaced");
}

void change_everything() {
    const temporary_folder first;
    const temporary_folder second;
    fs::current_path(first.file("."));
    const auto where = folder();
    set_environment("PROCPOOL_TEST_OLD", "as it was");
    procpool::pool pool(1);
    fs::current_path(second.file("."));
    set_environment("PROCPOOL_TEST_OLD", "otherwise");
    set_environment("PROCPOOL_TEST_NEW", "new");
    expect_surroundings(pool, where);
    replace(pool);
    expect_surroundings(pool, where);
    pool.resize(2);
    for (const auto& each : pool.broadcast(procpool::fn<folder>))
        expect(each == where, "a worker that came by resize has the same directory");
    expect(procpool::pool(1).apply(procpool::fn<variable>, "PROCPOOL_TEST_NEW") == "new",
           "another pool has what there is when it is made");
    fs::current_path(fs::temp_directory_path());
}

/// The environment moves in memory while the pool's thread starts workers.
void set_variables_all_the_time() {
    procpool::pool_options options;
    options.processes = 2;
    options.max_tasks_per_worker = 1;
    procpool::pool pool(options);
    for (int round = 0; round != 20; ++round) {
        const auto result = pool.apply_async(procpool::fn<add_one>, round);
        for (int n = 0; !result.ready(); n = (n + 1) % 500) {
            set_environment(("PROCPOOL_TEST_" + std::to_string(n)).c_str(), std::string(100, 'x'));
            unset_environment(("PROCPOOL_TEST_" + std::to_string(n / 2)).c_str());
        }
        expect(result.get() == round + 1, "the value is right");
    }
}

#if !defined(_WIN32)

std::string mask() {
    const auto now = ::umask(0);
    ::umask(now);
    return std::to_string(now);
}

void change_the_umask() {
    ::umask(0027);
    procpool::pool pool(1);
    ::umask(0);
    replace(pool);
    expect(pool.apply(procpool::fn<mask>) == std::to_string(0027), "the umask is as it was");
}

void delete_the_working_directory() {
    const auto place = fs::temp_directory_path() / ("procpool-test-" + std::to_string(own_pid()));
    fs::create_directory(place);
    fs::current_path(place);
    procpool::pool pool(1);
    fs::current_path("/");
    fs::remove(place);
    replace(pool);
    expect(pool.apply(procpool::fn<add_one>, 1) == 2, "the replacement works");
    expect(pool.apply(procpool::fn<folder>).empty(), "its directory is one that was deleted");
}

/// As when a program gives up root.
void lose_the_right_to_enter_the_working_directory() {
    const temporary_folder place;
    fs::current_path(place.file("."));
    procpool::pool_options options;
    options.processes = 1;
    options.max_tasks_per_worker = 1;
    procpool::pool pool(options);
    fs::permissions(place.file("."), fs::perms::none);
    const bool was_root = ::geteuid() == 0;
    constexpr ::uid_t nobody = 65534;
    expect(!was_root || ::seteuid(nobody) == 0, "root is given up");
    for (int n = 0; n != 3; ++n)
        expect(pool.apply(procpool::fn<add_one>, n) == n + 1, "replacements work");
    expect(!was_root || ::seteuid(0) == 0, "root is back");
    fs::current_path("/");
    fs::permissions(place.file("."), fs::perms::owner_all);
    pool.close();
    pool.join();
}

#endif

const std::map<std::string, std::function<void()>> scripts {
#if !defined(_WIN32)
    {"changes the umask", change_the_umask}, {"deletes the working directory", delete_the_working_directory},
        {"loses the right to enter it", lose_the_right_to_enter_the_working_directory},
#endif
        {"changes everything", change_everything}, {"sets variables", set_variables_all_the_time},
};

int play(const std::string& script) {
    scripts.at(script)();
    say("done\n");
    return 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(surroundings, nothing_left_behind)

BOOST_AUTO_TEST_CASE(workers_have_what_the_program_had_when_it_made_the_pool) {
    BOOST_TEST(answer_to("changes everything") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_program_may_set_variables_while_workers_are_replaced) {
    BOOST_TEST(answer_to("sets variables") == "done\n");
}

#if !defined(_WIN32) // lacks umask, and directories in use that can be deleted or lose their permissions
BOOST_AUTO_TEST_CASE(workers_have_the_umask_that_the_program_had) {
    BOOST_TEST(answer_to("changes the umask") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_working_directory_that_was_deleted_still_is_one) {
    BOOST_TEST(answer_to("deletes the working directory") == "done\n");
}

BOOST_AUTO_TEST_CASE(a_working_directory_that_may_not_be_entered_keeps_no_worker_from_starting) {
    BOOST_TEST(answer_to("loses the right to enter it") == "done\n");
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
