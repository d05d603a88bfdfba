// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/memory.hpp"

#include "os/waiting.hpp"
#include "support/integration_main.hpp"
#include "support/mapping_facts.hpp"
#include "support/open_descriptors.hpp"

#include <boost/interprocess/mapped_region.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#if !defined(_WIN32)
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace os = procpool::os;
namespace ipc = boost::interprocess;

using procpool::test::bytes_there;
using procpool::test::is_not_inherited;
using procpool::test::same_memory;

BOOST_FIXTURE_TEST_SUITE(shared_memory, procpool::test::same_descriptors_after)

BOOST_AUTO_TEST_CASE(two_owners_see_the_same_bytes) {
    const os::shared_memory memory = os::shared_memory::create(10000);
    const os::shared_memory again = same_memory(memory);
    const auto is_right = [](std::uint64_t size) {
#if defined(_WIN32) // where it ends with a page
        return size >= 10000 && size < 10000 + os::page_size();
#else
        return size == 10000;
#endif
    };
    BOOST_TEST(is_right(again.size()));
    const ipc::mapped_region writing(memory, ipc::read_write);
    const ipc::mapped_region reading(again, ipc::read_only);
    BOOST_TEST(is_right(writing.get_size()));
    std::strcpy(static_cast<char*>(writing.get_address()) + 9000, "hello");
    BOOST_TEST(static_cast<const char*>(reading.get_address()) + 9000 == std::string("hello"));
    BOOST_TEST(static_cast<const char*>(reading.get_address())[8999] == 0);
}

#if !defined(_WIN32) // lacks memory that is more than the system could ever promise
BOOST_AUTO_TEST_CASE(a_huge_memory_costs_nothing_until_it_is_touched) {
    const os::shared_memory memory = os::shared_memory::create(std::uint64_t{1} << 40);
    BOOST_TEST(bytes_there(memory) == 0u);
}
#endif

#if !defined(PROCPOOL_TEST_BY_WINE) // lacks word of what is promised of a memory that another view asked for
BOOST_AUTO_TEST_CASE(what_was_made_sure_of_is_there) {
    const std::uint64_t page = os::page_size();
    const os::shared_memory memory = os::shared_memory::create(100 * page);
    os::ensure_memory(memory, 10 * page, 20 * page);
    BOOST_TEST(bytes_there(memory) == 20 * page);
}
#endif

BOOST_AUTO_TEST_CASE(what_was_made_sure_of_keeps_its_values) {
    const std::uint64_t page = os::page_size();
    const os::shared_memory memory = os::shared_memory::create(100 * page);
    const ipc::mapped_region region(memory, ipc::read_write);
    char* const bytes = static_cast<char*>(region.get_address());
    os::ensure_memory(memory, 10 * page, page);
    bytes[10 * page] = 'x';
    os::ensure_memory(memory, 10 * page, 20 * page);
    BOOST_TEST(bytes[10 * page] == 'x');
    bytes[30 * page - 1] = 'y';
    os::ensure_memory(memory, 100 * page, 0);
}

#if !defined(_WIN32)
BOOST_AUTO_TEST_CASE(memory_can_be_had_however_often_signals_come) {
    const auto before = std::signal(SIGUSR1, [](int) {});
    const auto memory = os::shared_memory::create(16 << 20);
    const auto self = ::pthread_self();
    std::atomic<bool> got = false;
    bool storm_is_over = false;
    std::thread storm([&] {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!got && !storm_is_over) {
            ::pthread_kill(self, SIGUSR1);
            storm_is_over = std::chrono::steady_clock::now() > until;
        }
    });
    os::ensure_memory(memory, 0, 16 << 20);
    got = true;
    storm.join();
    BOOST_TEST(!storm_is_over);
    std::signal(SIGUSR1, before);
}
#endif

BOOST_AUTO_TEST_CASE(bytes_outside_cannot_be_had) {
    const os::shared_memory memory = os::shared_memory::create(4096);
    BOOST_CHECK_THROW(os::ensure_memory(memory, 0, 4097), std::out_of_range);
    BOOST_CHECK_THROW(os::ensure_memory(memory, 4097, 0), std::out_of_range);
    BOOST_CHECK_THROW(os::ensure_memory(memory, 1, ~std::uint64_t{0}), std::out_of_range);
}

#if !defined(_WIN32) // lacks giving back what was promised before the last handle is closed
BOOST_AUTO_TEST_CASE(released_pages_go_back_and_their_neighbours_stay) {
    const std::uint64_t page = os::page_size();
    const os::shared_memory memory = os::shared_memory::create(4 * page);
    const ipc::mapped_region region(memory, ipc::read_write);
    char* const bytes = static_cast<char*>(region.get_address());
    std::memset(bytes, 'x', 4 * page);
    os::release_memory(memory, page - 1, 2 * page + 2);
    BOOST_TEST(bytes_there(memory) == 2 * page);
    BOOST_TEST(bytes[page - 1] == 'x');
    BOOST_TEST(bytes[page] == 0);
    BOOST_TEST(bytes[3 * page - 1] == 0);
    BOOST_TEST(bytes[3 * page] == 'x');
}
#endif

#if !defined(_WIN32) // lacks memory that can be cut at all
BOOST_AUTO_TEST_CASE(nobody_can_cut_the_memory_away) {
    const os::shared_memory memory = os::shared_memory::create(4096);
    BOOST_TEST(::ftruncate(memory.handle(), 0) == -1);
    BOOST_TEST(::ftruncate(memory.handle(), 8192) == -1);
}
#endif

BOOST_AUTO_TEST_CASE(it_has_no_name_and_is_not_inherited) {
    const os::shared_memory memory = os::shared_memory::create(4096);
#if !defined(_WIN32)
    struct stat status {};
    BOOST_TEST(::fstat(memory.handle(), &status) == 0);
    BOOST_TEST(status.st_nlink == 0u);
#endif
    BOOST_TEST(is_not_inherited(memory.handle()));
    BOOST_TEST(is_not_inherited(same_memory(memory).handle()));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_is_an_error_in_words) {
    BOOST_CHECK_THROW(os::shared_memory::create(0), std::invalid_argument);
    BOOST_CHECK_EXCEPTION(os::shared_memory::create(~std::uint64_t{0}), boost::system::system_error,
                          [](auto& error) {
                              return std::string(error.what())
                                  .starts_with("cannot reserve 18446744073709551615 bytes of shared memory");
                          });
    BOOST_CHECK_THROW(os::shared_memory::adopt(os::unique_handle()), boost::system::system_error);
    const os::doorbell no_memory = os::doorbell::create();
    BOOST_CHECK_THROW(os::shared_memory::adopt(procpool::test::same_handle(no_memory.handle())),
                      boost::system::system_error);
}

#if !defined(_WIN32) // lacks core dumps
BOOST_AUTO_TEST_CASE(a_region_can_be_left_out_of_core_dumps) {
    const os::shared_memory memory = os::shared_memory::create(4096);
    const ipc::mapped_region region(memory, ipc::read_write);
    os::exclude_from_core_dump(region);
    std::ifstream maps("/proc/self/smaps");
    std::string line;
    bool ours = false;
    bool excluded = false;
    while (std::getline(maps, line)) {
        if (line.find("memfd:procpool") != std::string::npos)
            ours = true;
        if (ours && line.starts_with("VmFlags:")) {
            excluded = line.find(" dd") != std::string::npos;
            break;
        }
    }
    BOOST_TEST(excluded);
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::integration_main(argc, argv);
}
