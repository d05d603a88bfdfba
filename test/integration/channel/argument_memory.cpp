// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/argument_memory.hpp"

#include "support/channel_parts.hpp"
#include "support/integration_main.hpp"
#include "support/mapping_facts.hpp"
#include "support/open_descriptors.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <thread>
#include <vector>

namespace channel = procpool::channel;
namespace test = procpool::test;
using test::pattern;
using test::same_bytes;

namespace {

constexpr std::uint64_t mib = 1 << 20;

struct fixture : test::same_descriptors_after {
    channel::argument_memory memory;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(argument_memory, fixture)

BOOST_AUTO_TEST_CASE(a_worker_sees_what_the_parent_wrote_and_cannot_change_it) {
    const auto value = pattern(100'000, 1);
    const auto block = memory.allocate(value.size());
    std::memcpy(memory.data(block), value.data(), value.size());
    const channel::argument_view view(test::same_memory(memory.memory()));
    const auto seen = view.bytes(block.offset, value.size());
    BOOST_TEST(same_bytes(seen, value));
    BOOST_TEST(!test::can_be_written(seen));
    BOOST_TEST(test::can_be_written({memory.data(block), 1}));
}

BOOST_AUTO_TEST_CASE(no_block_is_at_zero_which_stands_for_the_ring) {
    for (int i = 0; i != 10; ++i)
        BOOST_TEST(memory.allocate(1).offset != 0u);
}

BOOST_AUTO_TEST_CASE(blocks_are_aligned_and_apart) {
    const auto a = memory.allocate(1);
    const auto b = memory.allocate(1);
    BOOST_TEST(reinterpret_cast<std::uintptr_t>(memory.data(a)) % 64 == 0u);
    BOOST_TEST(a.offset + a.bytes <= b.offset);
}

#if !defined(PROCPOOL_TEST_BY_WINE) // lacks a count of a process's handles
BOOST_AUTO_TEST_CASE(a_closed_memory_is_there_until_the_last_block_is_freed) {
    const auto open_before = test::descriptor_count();
    const auto freed = memory.allocate(mib);
    const auto left = memory.allocate(mib);
    const auto last = memory.allocate(100 * mib);
    memory.close();
    BOOST_CHECK_THROW(memory.allocate(1), std::bad_alloc);
    memory.free(freed);
    memory.leave(left);
    memory.data(last)[0] = std::byte{1};
    BOOST_TEST(test::descriptor_count() == open_before);
    memory.free(last);
    BOOST_TEST(test::descriptor_count() < open_before);
}

BOOST_AUTO_TEST_CASE(a_memory_that_lends_nothing_is_gone_when_it_is_closed) {
    const auto open_before = test::descriptor_count();
    memory.free(memory.allocate(mib));
    memory.close();
    BOOST_TEST(test::descriptor_count() < open_before);
    BOOST_CHECK_THROW(memory.allocate(1), std::bad_alloc);
}
#endif

BOOST_AUTO_TEST_CASE(a_view_shows_nothing_outside_the_memory) {
    const channel::argument_view view(memory.memory());
    const auto size = memory.memory().size();
    BOOST_TEST(view.bytes(size - 10, 10).size() == 10u);
    BOOST_TEST(view.bytes(size - 10, 11).empty());
    BOOST_TEST(view.bytes(size, 1).empty());
    BOOST_TEST(view.bytes(UINT64_MAX, 1).empty());
    BOOST_TEST(view.bytes(1, UINT64_MAX).empty());
}

BOOST_AUTO_TEST_CASE(more_than_there_is_is_bad_alloc_and_takes_nothing_away) {
    BOOST_CHECK_THROW(memory.allocate(memory.memory().size()), std::bad_alloc);
    BOOST_CHECK_THROW(memory.allocate(UINT64_MAX), std::bad_alloc);
    const auto block = memory.allocate(mib);
    std::memset(memory.data(block), 1, mib);
}

#if !defined(_WIN32) // lacks a way to have the system refuse memory
BOOST_AUTO_TEST_CASE(what_the_machine_refuses_is_bad_alloc_however_often_it_is_asked_for) {
    {
        const test::no_more_memory shortage(memory.memory());
        for (int i = 0; i != 3; ++i)
            BOOST_CHECK_THROW(memory.allocate(mib), std::bad_alloc);
    }
    const auto block = memory.allocate(mib);
    std::memset(memory.data(block), 1, mib);
}
#endif

#if !defined(_WIN32) // lacks giving back what was promised before the last handle is closed
BOOST_AUTO_TEST_CASE(big_blocks_give_their_pages_back) {
    const auto before = test::bytes_there(memory.memory());
    const auto block = memory.allocate(200 * mib);
    BOOST_TEST(test::bytes_there(memory.memory()) >= before + 200 * mib);
    memory.free(block);
    BOOST_TEST(test::bytes_there(memory.memory()) <= before);
}
#endif

#if !defined(_WIN32) // lacks giving back what was promised before the last handle is closed
BOOST_AUTO_TEST_CASE(small_blocks_keep_their_pages_up_to_a_limit) {
    std::vector<channel::block> blocks;
    for (int i = 0; i != 100; ++i)
        blocks.push_back(memory.allocate(mib));
    for (const auto each : blocks)
        memory.free(each);
    BOOST_TEST(test::bytes_there(memory.memory()) <= 65 * mib);
    BOOST_TEST(test::bytes_there(memory.memory()) >= 60 * mib);
}
#endif

BOOST_AUTO_TEST_CASE(several_threads_never_get_the_same_bytes) {
    const auto work = [&](unsigned char mark) {
        bool mine = true;
        for (std::size_t i = 0; i != 300; ++i) {
            const auto block = memory.allocate(1 + i * 997 % 300'000);
            std::memset(memory.data(block), mark, block.bytes);
            std::this_thread::yield();
            for (std::uint64_t at = 0; at < block.bytes; at += 4096)
                mine = mine && memory.data(block)[at] == std::byte{mark};
            memory.free(block);
        }
        return mine;
    };
    bool other_mine = false;
    std::thread other([&] { other_mine = work(1); });
    const bool own_mine = work(2);
    other.join();
    BOOST_TEST(own_mine);
    BOOST_TEST(other_mine);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return test::integration_main(argc, argv);
}
