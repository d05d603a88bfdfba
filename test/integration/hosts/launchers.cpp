// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/bomb_guard.hpp"
#include "support/integration_main.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

// Programs that are not simply executed: a dynamic loader or valgrind runs the program, its file was deleted,
// it executes itself again, or it closes inherited descriptors. Each is this program with a role as its
// argument; it prints "42".
namespace fs = std::filesystem;
using namespace procpool::test;

namespace {

std::string own_file() {
    return fs::read_symlink("/proc/self/exe").string();
}

std::string quoted(const std::string& text) {
    return "'" + text + "'";
}

/// The output of a shell command, without the end of the last line.
std::string output_of(const std::string& command) {
    std::string out;
    FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
        out += static_cast<char>(c);
    const int status = ::pclose(pipe);
    if (status != 0)
        out += " and ended with " + std::to_string(status);
    while (out.ends_with('\n'))
        out.pop_back();
    return out;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

#if defined(__x86_64__)
[[maybe_unused]] constexpr const char* dynamic_loader = "/lib64/ld-linux-x86-64.so.2";
#else
[[maybe_unused]] constexpr const char* dynamic_loader = "/lib/ld-linux-aarch64.so.1";
#endif

int use_pool(procpool::pool_options options = {}) {
    try {
        options.processes = 2;
        procpool::pool pool(options);
        std::printf("%d\n", pool.apply([](int n) { return n + 1; }, 41));
        return 0;
    } catch (const std::exception& why) {
        std::printf("%s\n", why.what());
        return 0;
    }
}

/// In a worker, whose role is in the environment: the actions before init().
void before_init() {
    const char* const role = std::getenv("PROCPOOL_TEST_ROLE");
    if (role == nullptr || own_generation() == 1) // of the program itself
        return;
    if (std::string(role) == "closes descriptors")
        for (int descriptor = 3; descriptor != 64; ++descriptor)
            ::close(descriptor);
    if (std::string(role) == "executes itself" && own_generation() == 2) {
        const std::string file = own_file();
        ::execl(file.c_str(), file.c_str(), nullptr);
    }
    if (std::string(role) == "status 127")
        ::_exit(127);
    if (std::string(role) == "forks") { // like daemon()
        if (::fork() != 0)
            ::_exit(0);
        ::setsid();
        if (::fork() != 0)
            ::_exit(0);
    }
}

int play(const std::string& role) {
    procpool::pool_options options;
    if (role == "failing initializer") {
        options.initializer = procpool::bind([] { throw std::runtime_error("no table"); });
    } else if (role == "tiny memory") {
        options.worker_memory_limit = 100'000;
    } else {
        ::setenv("PROCPOOL_TEST_ROLE", role.c_str(), 1);
    }
    return use_pool(options);
}

std::string answer_to(const std::string& role) {
    return output_of(quoted(own_file()) + ' ' + quoted(role));
}

} // namespace

BOOST_AUTO_TEST_SUITE(launchers)

#ifndef PROCPOOL_SANITIZED // which a dynamic loader cannot start, and valgrind cannot run

BOOST_AUTO_TEST_CASE(a_program_that_a_dynamic_loader_was_told_to_load_starts_itself_so) {
    if (!fs::exists(dynamic_loader))
        return static_cast<void>(std::printf("skipped: there is no %s\n", dynamic_loader));
    BOOST_TEST(output_of(std::string(dynamic_loader) + ' ' + quoted(own_file()) + " plain") == "42");
    BOOST_TEST(output_of(std::string(dynamic_loader) + " --inhibit-cache " + quoted(own_file()) + " plain") ==
               "42");
}

// Valgrind before 3.20 does not know pidfd_open.
BOOST_AUTO_TEST_CASE(a_program_works_under_valgrind_or_says_what_is_lacking) {
    if (output_of("command -v valgrind").empty() || contains(output_of("valgrind --version"), "ended with"))
        return static_cast<void>(std::puts("skipped: there is no valgrind"));
    for (const std::string options : {"", "--trace-children=yes "}) {
        const auto answer = output_of("valgrind -q --tool=none " + options + quoted(own_file()) + " plain");
        BOOST_TEST((contains(answer, "42") || contains(answer, "(pidfd_open): Function not implemented")),
                   answer);
    }
}

#endif

BOOST_AUTO_TEST_CASE(a_program_without_an_environment_works) {
    BOOST_TEST(output_of("env -i " + quoted(own_file()) + " plain") == "42");
}

BOOST_AUTO_TEST_CASE(a_program_whose_file_was_deleted_works) {
    const temporary_folder folder;
    const auto copy = folder.file("program");
    fs::copy_file(own_file(), copy);
    BOOST_TEST(output_of(quoted(copy) + " deleted") == "42");
    BOOST_TEST(!fs::exists(copy));
}

BOOST_AUTO_TEST_CASE(a_worker_that_executes_itself_again_before_init_serves) {
    BOOST_TEST(answer_to("executes itself") == "42");
}

BOOST_AUTO_TEST_CASE(a_worker_that_closes_what_it_inherited_is_said_to_have_done_so) {
    const auto answer = answer_to("closes descriptors");
    BOOST_TEST(contains(answer, "lost the descriptors"), answer);
}

BOOST_AUTO_TEST_CASE(a_worker_that_goes_into_the_background_before_init_starts_no_others) {
    const auto answer = answer_to("forks");
    BOOST_TEST(contains(answer, "ended before it called procpool::init()"), answer);
    // A process that went into the background is ended with the worker's group, or reports that it cannot
    // make a pool.
    BOOST_TEST(!contains(answer, "not so"), answer);
}

BOOST_AUTO_TEST_CASE(a_status_that_means_not_executed_is_told_as_such) {
    const auto answer = answer_to("status 127");
    BOOST_TEST(contains(answer, "could not be executed"), answer);
}

BOOST_AUTO_TEST_CASE(a_failing_initializer_reads_as_its_exception) {
    const auto answer = answer_to("failing initializer");
    BOOST_TEST(contains(answer, "no table"), answer);
    BOOST_TEST(!contains(answer, "signal"), answer);
}

BOOST_AUTO_TEST_CASE(a_memory_limit_that_is_too_small_is_told_with_its_number) {
    const auto answer = answer_to("tiny memory");
    BOOST_TEST(contains(answer, "worker_memory_limit is 100000 bytes"), answer);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    own_generation();
    before_init();
    procpool::init();
    if (own_generation() > 1)
        return use_pool();
    if (argc == 2 && argv[1][0] != '-') {
        if (std::string(argv[1]) == "deleted")
            fs::remove(own_file());
        return play(argv[1]);
    }
    const bomb_guard guard;
    return integration_main(argc, argv);
}
