// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/eventually.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>

#include <fcntl.h>
#include <unistd.h>

// Tasks that close descriptors which they have not opened, and open files that get their numbers.
using namespace procpool::test;

namespace {

constexpr int end_of_descriptors = 1100;

std::string filling() {
    return std::string(65536, '.');
}

std::string read_file(const std::string& name) {
    std::ifstream in(name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void close_all() {
    for (int descriptor = 3; descriptor != end_of_descriptors; ++descriptor)
        ::close(descriptor);
}

/// Opens a file on all of these numbers, whatever they referred to.
void open_on(const std::string& name, int first, int last) {
    const int file = ::open(name.c_str(), O_RDWR | O_CLOEXEC);
    for (int descriptor = first; descriptor != last; ++descriptor)
        if (descriptor != file)
            ::dup2(file, descriptor);
}

int close_all_and_return(int n) {
    close_all();
    return n;
}
std::string replace_all(const std::string& name, std::size_t result_bytes) {
    close_all();
    open_on(name, 3, end_of_descriptors);
    return std::string(result_bytes, 'r');
}
void open_the_first(const std::string& name) {
    open_on(name, 3, 10);
}

long pid_of(const procpool::pool& pool) {
    return pool.workers().front().pid.value_or(0);
}

struct one_worker : nothing_left_behind {
    temporary_folder folder;
    std::string file = folder.file("of the user");
    one_worker() { std::ofstream(file, std::ios::binary) << filling(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(task_descriptors, one_worker)

BOOST_AUTO_TEST_CASE(a_task_that_closes_all_costs_its_worker_and_no_other_call) {
    procpool::pool pool(1);
    for (int round = 0; round != 3; ++round) {
        const auto before = pid_of(pool);
        try {
            BOOST_TEST(pool.apply(procpool::fn<close_all_and_return>, 5) == 5);
        } catch (const procpool::worker_lost&) {
        }
        BOOST_TEST(eventually([&] { return pid_of(pool) != before; })); // though it is given nothing to do
        BOOST_TEST(pool.apply([](int n) { return n; }, 6) == 6);
    }
}

BOOST_AUTO_TEST_CASE(a_file_that_has_the_numbers_of_all_that_was_closed_is_left_alone) {
    procpool::pool pool(1);
    for (const std::size_t bytes : {10U, 100U, 3'000'000U, 40'000'000U}) {
        const auto before = pid_of(pool);
        try {
            pool.apply(procpool::fn<replace_all>, file, bytes);
        } catch (const procpool::worker_lost&) {
        } catch (const procpool::codec_error&) { // there is no memory for the result
        }
        BOOST_TEST(eventually([&] { return pid_of(pool) != before; }));
        BOOST_TEST((read_file(file) == filling()));
    }
}

BOOST_AUTO_TEST_CASE(a_task_may_open_files_on_the_first_numbers) {
    procpool::pool pool(1);
    const auto before = pid_of(pool);
    pool.apply(procpool::fn<open_the_first>, file);
    for (int n = 0; n != 100; ++n)
        BOOST_TEST_REQUIRE(pool.apply([](int i) { return i; }, n) == n);
    const std::string text(5'000'000, 's');
    BOOST_TEST((pool.apply([](const std::string& s) { return s; }, text) == text));
    BOOST_TEST(pid_of(pool) == before);
    BOOST_TEST((read_file(file) == filling()));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
