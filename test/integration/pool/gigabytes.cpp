// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include <sys/mman.h>

// Arguments and results of more bytes than 32 bits count. They take 9 GB of memory, and minutes on a busy
// machine, so the test runs on request only: PROCPOOL_TEST_GIGABYTES=1.
namespace {

constexpr std::size_t size = 4'300'000'000;
static_assert(size > UINT32_MAX);
constexpr std::size_t every = 999'983; // distance in bytes from one mark to the next; all other bytes are 0

/// Zeros, which take no memory until they are written.
class zeros {
  public:
    zeros()
        : begin_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                        -1, 0)) {}
    zeros(const zeros&) = delete;
    zeros& operator=(const zeros&) = delete;
    ~zeros() { ::munmap(begin_, size); }

    std::span<char> bytes() const { return {static_cast<char*>(begin_), size}; }

  private:
    void* begin_;
};

char mark_at(std::size_t place) {
    return static_cast<char>(place % 101 + 1);
}

void set_marks(std::span<char> bytes) {
    for (std::size_t place = 0; place < bytes.size(); place += every)
        bytes[place] = mark_at(place);
    bytes.back() = 'z';
}

bool has_marks(std::span<const char> bytes) {
    for (std::size_t place = 0; place < bytes.size(); place += every)
        if (bytes[place] != mark_at(place))
            return false;
    return bytes.size() == size && bytes.back() == 'z';
}

std::vector<char> make_marks() {
    std::vector<char> bytes(size);
    set_marks(bytes);
    return bytes;
}

std::uint64_t available_bytes() {
    std::ifstream facts("/proc/meminfo");
    std::uint64_t kib = 0;
    for (std::string name; facts >> name; facts.ignore(1000, '\n'))
        if (name == "MemAvailable:")
            facts >> kib;
    return kib * 1024;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(gigabytes, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(an_argument_may_be_larger_than_four_gibibytes) {
    procpool::pool pool(1);
    const zeros argument;
    set_marks(argument.bytes());
    BOOST_TEST(pool.apply(procpool::fn<has_marks>, std::span<const char>(argument.bytes())));
}

BOOST_AUTO_TEST_CASE(a_result_may_be_larger_than_four_gibibytes) {
    procpool::pool pool(1);
    BOOST_TEST(has_marks(pool.apply(procpool::fn<make_marks>)));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    procpool::init();
    if (std::getenv("PROCPOOL_TEST_GIGABYTES") == nullptr) {
        std::cout << "not run here: on request only, by PROCPOOL_TEST_GIGABYTES=1\n";
        return 77;
    }
    if (available_bytes() < 3 * size) {
        std::cout << "not run here: less memory is available than it may take\n";
        return 77;
    }
    return procpool::test::pool_main(argc, argv);
}
