// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include <unistd.h>

// Programs that end while a pool works, from any place in the code. A child plays each program.
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

int add_one(int n) {
    return n + 1;
}

void sleep_long() {
    std::this_thread::sleep_for(300s);
}

[[noreturn]] void leave() {
    say("done\n");
    std::exit(0);
}

procpool::pool& pool_of_a_function() {
    static procpool::pool pool(2);
    return pool;
}

/// The main thread waits for a result that never comes.
void exit_in_another_thread(procpool::pool& pool) {
    const auto never = pool.apply_async(procpool::fn<sleep_long>);
    std::thread other([&pool] {
        static_cast<void>(pool.apply(procpool::fn<add_one>, 1));
        leave();
    });
    never.wait();
    other.join(); // the program ends meanwhile
}

void exit_in_a_callback(procpool::pool& pool) {
    const auto never = pool.apply_async(procpool::fn<sleep_long>);
    pool.apply_async(procpool::fn<add_one>, 1).on_success([](int) { leave(); });
    never.wait();
    for (;;)
        ::pause();
}

/// A callback ends the program while main() is ending its pool.
void exit_in_a_callback_while_joining() {
    procpool::pool pool(1);
    pool.apply_async(procpool::fn<add_one>, 1).on_success([](int) { leave(); });
    pool.close();
    pool.join();
}

const std::map<std::string, std::function<void()>> scripts{
    {"another thread, pool in main",
     [] {
         procpool::pool pool(2);
         exit_in_another_thread(pool);
     }},
    {"another thread, static pool",
     [] {
         exit_in_another_thread(pool_of_a_function());
     }},
    {"another thread, leaked pool",
     [] {
         exit_in_another_thread(*new procpool::pool(2));
     }},
    {"callback, pool in main",
     [] {
         procpool::pool pool(2);
         exit_in_a_callback(pool);
     }},
    {"callback, static pool",
     [] {
         exit_in_a_callback(pool_of_a_function());
     }},
    {"callback, leaked pool",
     [] {
         exit_in_a_callback(*new procpool::pool(2));
     }},
    {"callback while joining", exit_in_a_callback_while_joining},
    {"quick",
     [] {
         pool_of_a_function().apply(procpool::fn<add_one>, 1);
         say("done\n");
         std::quick_exit(0);
     }},
};

int play(const std::string& script) {
    scripts.at(script)();
    return 1;
}

/// The program ends at once with status 0, and so do its workers, which would keep the line open.
void check(const std::string& script) {
    BOOST_TEST_INFO_SCOPE(script);
    const auto begin = std::chrono::steady_clock::now();
    BOOST_TEST(answer_to(script) == "done\n");
    BOOST_TEST((std::chrono::steady_clock::now() - begin < 10s));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(host_end, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_program_may_end_in_another_thread) {
    check("another thread, pool in main");
    check("another thread, static pool");
    check("another thread, leaked pool");
}

BOOST_AUTO_TEST_CASE(a_program_may_end_in_a_callback) {
    check("callback, pool in main");
    check("callback, static pool");
    check("callback, leaked pool");
    check("callback while joining");
}

BOOST_AUTO_TEST_CASE(a_program_may_end_without_destroying_anything) {
    check("quick");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
