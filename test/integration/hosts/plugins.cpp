// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/bomb_guard.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <filesystem>
#include <string>

#include <dlfcn.h>

// A program that loads shared objects with tasks, before and while it has a pool. They use the program's copy
// of the library. plugin_tasks.cpp is also linked into the program, twice.
using namespace procpool::test;
namespace fs = std::filesystem;

extern "C" {
void linked_three_use(procpool::pool& pool, std::string& out);
void linked_three_fail(procpool::pool& pool, std::string& out);
void linked_four_use(procpool::pool& pool, std::string& out);
void linked_four_fail(procpool::pool& pool, std::string& out);
}

namespace {

using function = void (*)(procpool::pool&, std::string&);

const fs::path plugin_one = PLUGIN_ONE;
const fs::path plugin_two = PLUGIN_TWO;

function find(const fs::path& plugin, const char* name) {
    void* const library = ::dlopen(plugin.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
        throw std::runtime_error(::dlerror());
    return reinterpret_cast<function>(::dlsym(library, name));
}

std::string answer(function of, procpool::pool& pool) {
    std::string out;
    of(pool, out);
    return out;
}

int twice(int n) {
    return 2 * n;
}

} // namespace

BOOST_AUTO_TEST_SUITE(plugins)

BOOST_AUTO_TEST_CASE(what_is_loaded_while_a_pool_lives_costs_its_own_calls_only) {
    procpool::pool pool(1);
    BOOST_TEST(pool.apply(procpool::fn<twice>, 2) == 4);
    const auto use = find(plugin_one, "plugin_one_use");
    BOOST_CHECK_EXCEPTION(answer(use, pool), procpool::codec_error, [](const auto& error) {
        const std::string text = error.what();
        return text.find(plugin_one.filename()) != std::string::npos &&
               text.find("pool_options::libraries") != std::string::npos;
    });
    BOOST_TEST(pool.apply(procpool::fn<twice>, 2) == 4);
    BOOST_CHECK_THROW(pool.apply([] { kill_itself(); }), procpool::worker_lost);
    BOOST_TEST(pool.apply(procpool::fn<twice>, 2) == 4); // in a replacement
}

BOOST_AUTO_TEST_CASE(what_was_loaded_before_does_not_keep_a_pool_from_starting) {
    const auto use = find(plugin_one, "plugin_one_use");
    procpool::pool pool(1);
    BOOST_TEST(pool.apply(procpool::fn<twice>, 2) == 4);
    BOOST_CHECK_THROW(answer(use, pool), procpool::codec_error);
}

BOOST_AUTO_TEST_CASE(libraries_are_loaded_in_workers_and_tasks_of_one_name_are_told_apart) {
    procpool::pool_options options;
    options.processes = 2;
    options.libraries = {plugin_two, plugin_one};
    procpool::pool pool(options);
    BOOST_TEST(answer(find(plugin_one, "plugin_one_use"), pool) == "15");
    BOOST_TEST(answer(find(plugin_two, "plugin_two_use"), pool) == "24");
    BOOST_TEST(answer(linked_three_use, pool) == "33");
    BOOST_TEST(answer(linked_four_use, pool) == "42");
    BOOST_CHECK_THROW(pool.apply([] { kill_itself(); }), procpool::worker_lost);
    BOOST_TEST(answer(find(plugin_one, "plugin_one_use"), pool) == "15");
}

BOOST_AUTO_TEST_CASE(a_relative_path_means_the_folder_in_which_the_pool_was_made) {
    const auto folder = fs::current_path();
    procpool::pool_options options;
    options.processes = 1;
    options.libraries = {"." / fs::relative(plugin_one)}; // without a slash it would be sought elsewhere
    procpool::pool pool(options);
    fs::current_path("/");
    BOOST_CHECK_THROW(pool.apply([] { kill_itself(); }), procpool::worker_lost);
    BOOST_TEST(answer(find(plugin_one, "plugin_one_use"), pool) == "15");
    fs::current_path(folder);
}

BOOST_AUTO_TEST_CASE(a_task_may_load_a_library_itself) {
    procpool::pool pool(1);
    const auto use = find(plugin_two, "plugin_two_use");
    BOOST_CHECK_THROW(answer(use, pool), procpool::codec_error);
    pool.apply([] { find(plugin_two, "plugin_two_use"); });
    BOOST_TEST(answer(use, pool) == "24");
}

BOOST_AUTO_TEST_CASE(a_library_that_cannot_be_loaded_is_a_failed_start_that_names_it) {
    procpool::pool_options options;
    options.processes = 1;
    options.libraries = {"/nowhere/no library.so"};
    BOOST_CHECK_EXCEPTION(procpool::pool{options}, procpool::start_failed, [](const auto& error) {
        return std::string(error.what()).find("/nowhere/no library.so") != std::string::npos;
    });
}

#if !defined(__clang__) // whose handlers compare types of unnamed namespaces by name

BOOST_AUTO_TEST_CASE(exceptions_of_one_name_come_back_as_themselves) {
    procpool::pool_options options;
    options.processes = 1;
    options.libraries = {plugin_one, plugin_two};
    procpool::pool pool(options);
    for (const auto fail : {&linked_three_fail, &linked_four_fail, find(plugin_one, "plugin_one_fail"),
                            find(plugin_two, "plugin_two_fail")})
        BOOST_TEST(answer(fail, pool) == "own");
}

#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    procpool::init();
    const bomb_guard guard;
    return integration_main(argc, argv);
}
