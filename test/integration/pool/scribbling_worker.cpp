// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/seeded_random.hpp"

#include <procpool/procpool.hpp>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

// A task that overwrites the memory that its worker shares with the parent costs only that worker and its
// items: every item has an outcome, and the pool continues.
using procpool::test::seeded_random;
using namespace std::chrono_literals;

namespace {

enum class extent : int { all, some, zeros, words, last = words };

struct part {
    char* at;
    std::size_t bytes;
};

/// The parts of its channel that the worker can write: the control block and the response ring, which is at
/// the start of its mapping.
std::vector<part> writable_channel() {
    std::vector<part> out;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t from = 0, to = 0;
        char dash = 0;
        std::string access;
        std::istringstream(line) >> std::hex >> from >> dash >> to >> access;
        if (access == "rw-s" && line.find("procpool") != std::string::npos)
            out.push_back({reinterpret_cast<char*>(from), std::min<std::size_t>(to - from, 256 * 1024)});
    }
    return out;
}

void scribble_over(const part& where, std::mt19937_64& random, extent how) {
    const auto below = [&](std::uint64_t end) {
        return static_cast<std::size_t>(random() % end);
    };
    switch (how) {
    case extent::all:
        for (std::size_t i = 0; i != where.bytes; ++i)
            where.at[i] = static_cast<char>(below(256));
        break;
    case extent::some:
        for (int i = 0; i != 1000; ++i)
            where.at[below(where.bytes)] = static_cast<char>(below(256));
        break;
    case extent::zeros:
        std::memset(where.at, 0, where.bytes);
        break;
    case extent::words: // small numbers, which are more often taken for something
        for (std::size_t i = 0; i != where.bytes / 4096; ++i) {
            const std::uint64_t word = below(4);
            std::memcpy(where.at + below(where.bytes / 64) * 64, &word, sizeof word);
        }
        break;
    }
}

std::size_t scribble(std::uint64_t seed, int how) {
    std::mt19937_64 random(seed);
    const auto parts = writable_channel();
    for (const auto& each : parts)
        scribble_over(each, random, static_cast<extent>(how));
    return parts.size();
}

int slowly_twice(int n) {
    std::this_thread::sleep_for(1ms);
    return 2 * n;
}

std::size_t parts_of_channel() {
    return writable_channel().size();
}

/// Submits calls before, with and after one that scribbles. Returns the number of the other calls that did
/// not return the right value.
std::size_t spoiled_beside(procpool::pool& pool, std::uint64_t seed, extent how) {
    std::vector<procpool::async_result<int>> others;
    const auto submit = [&] {
        for (int i = 0; i != 20; ++i)
            others.push_back(pool.apply_async(procpool::fn<slowly_twice>, i));
    };
    submit();
    auto scribbling = pool.apply_async(procpool::fn<scribble>, seed, static_cast<int>(how));
    submit();
    BOOST_TEST_REQUIRE(scribbling.wait(20s));
    std::size_t spoiled = 0;
    for (std::size_t i = 0; i != others.size(); ++i) {
        BOOST_TEST_REQUIRE(others[i].wait(20s));
        try {
            spoiled += others[i].get() != 2 * static_cast<int>(i % 20);
        } catch (const std::exception&) {
            ++spoiled;
        }
    }
    return spoiled;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(scribbling_worker, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_worker_can_write_two_parts_of_its_channel) {
    procpool::pool pool(1);
    BOOST_TEST(pool.apply(procpool::fn<parts_of_channel>) == 2u);
}

BOOST_AUTO_TEST_CASE(a_worker_cannot_make_arguments_writable) {
    procpool::pool pool(1);
    const auto error = [](std::span<const int> argument) {
        const auto page = reinterpret_cast<std::uintptr_t>(argument.data()) / 4096 * 4096;
        return ::mprotect(reinterpret_cast<void*>(page), 4096, PROT_READ | PROT_WRITE) == 0 ? 0 : errno;
    };
    BOOST_TEST(pool.apply(error, std::vector<int>(1'000'000)) == EACCES);
}

BOOST_AUTO_TEST_CASE(it_costs_that_worker_and_what_it_had) {
    seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    procpool::pool pool(2);
    for (int i = 0; i != 24; ++i) {
        const auto how = static_cast<extent>(i % (static_cast<int>(extent::last) + 1));
        const auto seed = random.number();
        BOOST_TEST_CONTEXT("round " << i << ", extent " << static_cast<int>(how)) {
            BOOST_TEST(spoiled_beside(pool, seed, how) <=
                       4u); // items that the worker ran, had ahead, or whose outcomes were unread
        }
    }
    BOOST_TEST(pool.broadcast(procpool::fn<slowly_twice>, 4) == std::vector<int>(2, 8),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_pool_of_one_goes_on_too) {
    seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    procpool::pool pool(1);
    for (int i = 0; i != 24; ++i) {
        const auto how = static_cast<extent>(i % (static_cast<int>(extent::last) + 1));
        const auto seed = random.number();
        BOOST_TEST_CONTEXT("round " << i << ", extent " << static_cast<int>(how)) {
            BOOST_TEST(spoiled_beside(pool, seed, how) <= 4u);
        }
    }
    BOOST_TEST(pool.apply(procpool::fn<slowly_twice>, 4) == 8);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
