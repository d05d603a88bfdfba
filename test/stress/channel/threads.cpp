// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/claim.hpp"
#include "channel/ring.hpp"
#include "support/channel_parts.hpp"
#include "support/integration_main.hpp"
#include "support/response_channel.hpp"
#include "support/seeded_random.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

// Both sides of a channel as threads of one process, which ThreadSanitizer can observe.

namespace channel = procpool::channel;
namespace os = procpool::os;
namespace test = procpool::test;
using channel::record_kind;
using test::pattern;
using test::same_bytes;

BOOST_AUTO_TEST_SUITE(threads)

BOOST_AUTO_TEST_CASE(a_ring_keeps_order_and_bytes_between_two_threads) {
    constexpr std::uint64_t ring_bytes = 4096;
    constexpr std::uint64_t entries = 200'000;
    const auto size_of = [](std::uint64_t entry) {
        return 8 + entry * 7919 % 700;
    };
    test::part memory(ring_bytes);
    std::atomic<std::uint64_t> head{0}, tail{0};
    std::thread other([&] {
        channel::ring_writer writer(memory.view().data(), ring_bytes, head, tail);
        for (std::uint64_t entry = 0; entry != entries; ++entry) {
            auto room = writer.reserve(size_of(entry), size_of(entry));
            for (; room.empty(); room = writer.reserve(size_of(entry), size_of(entry)))
                std::this_thread::yield();
            std::memcpy(room.data(), &entry, sizeof entry);
            std::memset(room.data() + 8, static_cast<int>(entry & 0x7f), size_of(entry) - 8);
            writer.publish(size_of(entry));
        }
    });
    channel::ring_reader reader(memory.view().data(), ring_bytes, head, tail);
    std::uint64_t wrong = 0;
    for (std::uint64_t entry = 0; entry != entries; ++entry) {
        while (reader.empty())
            std::this_thread::yield();
        const auto front = reader.front();
        std::uint64_t number = 0;
        std::memcpy(&number, front.data(), sizeof number);
        wrong += number != entry || front.size() < size_of(entry) ||
                 front[size_of(entry) - 1] != static_cast<std::byte>(size_of(entry) > 8 ? entry & 0x7f : 0);
        reader.pop(size_of(entry));
        if (entry % 3 == 0)
            reader.release();
    }
    reader.release();
    other.join();
    BOOST_TEST(wrong == 0u);
    BOOST_TEST(!reader.damaged());
}

BOOST_AUTO_TEST_CASE(every_item_is_claimed_or_taken_back_by_one_thread) {
    constexpr std::uint32_t items = 16;
#ifdef PROCPOOL_TEST_BY_WINE // where a thread takes long to start
    constexpr int rounds = 300;
#else
    constexpr int rounds = 5000;
#endif
    for (int round = 0; round != rounds; ++round) {
        std::atomic<std::uint64_t> word{0};
        std::vector<std::atomic<int>> owners(items);
        channel::open_claim(word, items);
        std::atomic<int> ready{0};
        const auto meet = [&] {
            ready.fetch_add(1);
            while (ready.load() != 2)
                std::this_thread::yield();
        };
        std::thread worker([&] {
            meet();
            for (auto got = channel::claim(word, 2); !got.empty(); got = channel::claim(word, 2))
                for (auto i = got.first; i != got.last; ++i)
                    owners[i].fetch_add(1);
        });
        meet();
        for (auto left = items; left != 0;) {
            const auto got = channel::take_back(word, 3, left);
            if (got.empty())
                break;
            left = got.first;
            for (auto i = got.first; i != got.last; ++i)
                owners[i].fetch_add(1);
        }
        worker.join();
        for (auto& each : owners)
            BOOST_TEST_REQUIRE(each == 1);
    }
}

BOOST_AUTO_TEST_CASE(no_wake_up_is_lost_between_two_sleepers) {
    constexpr std::uint64_t exchanges = 30'000;
    struct side {
        std::atomic<std::uint64_t> sent{0}; // published by this side
        std::atomic<std::uint32_t> asleep{0};
        os::doorbell bell = os::doorbell::create();

        void send() { sent.store(sent.load(std::memory_order_relaxed) + 1, std::memory_order_release); }
        void wake() {
            if (channel::wake_needed(asleep) != channel::sleep::awake)
                bell.ring();
        }
        void wait_for(const std::atomic<std::uint64_t>& other, std::uint64_t count) {
            const auto ready = [&] {
                return other.load(std::memory_order_acquire) >= count;
            };
            for (;;) {
                channel::going_to_sleep(asleep, channel::sleep::on_doorbell);
                if (ready()) {
                    channel::woke_up(asleep);
                    return;
                }
                static_cast<void>(bell.wait());
            }
        }
    };
    side a, b;
    std::thread other([&] {
        for (std::uint64_t i = 1; i <= exchanges; ++i) {
            b.wait_for(a.sent, i);
            b.send();
            a.wake();
        }
    });
    for (std::uint64_t i = 1; i <= exchanges; ++i) {
        a.send();
        b.wake();
        a.wait_for(b.sent, i);
    }
    other.join();
    BOOST_TEST(b.sent == exchanges);
}

BOOST_AUTO_TEST_CASE(every_response_arrives_whatever_waits_for_whom) {
    constexpr std::uint64_t arena_bytes = 4 << 20;
    constexpr std::uint64_t frames = 3000;
    test::seeded_random random;
    BOOST_TEST_INFO_SCOPE(random.how_to_repeat());
    const auto seed = random.number();
    const auto items_of = [&](std::uint64_t frame) {
        return 1 + (seed ^ frame * 31) % 9;
    };
    const auto packed_size_of = [&](std::uint64_t frame) -> std::optional<std::size_t> {
        return frame % 3 != 0 ? std::nullopt : std::optional<std::size_t>((seed ^ frame) % 500);
    };
    const auto outcome_of = [&](std::uint64_t frame, std::uint32_t item) {
        const auto mix = (seed ^ frame * 1'000'003 ^ item * 97) * 0x9e37'79b9'7f4a'7c15 >> 20;
        const auto packed = packed_size_of(frame);
        if (mix % 16 == 0)
            return test::outcome{record_kind::exception, pattern(mix % 1000, mix)};
        const auto size = packed ? *packed : mix % 64 == 1 ? mix % 600'000 : mix % 3000;
        return test::outcome{record_kind::values, pattern(size, mix)};
    };
    test::response_channel both(arena_bytes);
    std::thread worker([&] {
        for (std::uint64_t frame = 0; frame != frames; ++frame) {
            both.writer.begin_frame(frame);
            for (std::uint32_t item = 0; item != items_of(frame); ++item) {
                const auto what = outcome_of(frame, item);
                if (what.kind == record_kind::exception)
                    both.write_exception(item, what.bytes);
                else if (packed_size_of(frame))
                    both.write_packed(item, {what.bytes});
                else
                    both.write_value(item, what.bytes);
            }
            both.writer.flush();
        }
    });
    const test::record_parser parser(packed_size_of);
    std::uint64_t wrong = 0, expected = 0, arrived = 0;
    std::vector<std::uint32_t> kept; // blocks that the parent still reads from
    for (std::uint64_t frame = 0; frame != frames; ++frame)
        expected += items_of(frame);
    while (arrived != expected) {
        test::outcomes got;
        both.collect(parser, got, &kept);
        for (const auto& [name, what] : got)
            wrong += what != outcome_of(name.first, name.second);
        arrived += got.size();
        if (kept.size() > 3 || got.empty())
            for (const auto slot : std::exchange(kept, {}))
                channel::response_reader::release_slot(both.control, slot);
        both.ring_worker();
        if (!got.empty() || arrived == expected)
            continue;
        channel::going_to_sleep(both.control.parent_asleep, channel::sleep::as_collector);
        if (both.reader.empty())
            static_cast<void>(both.bells.collector.wait());
        channel::woke_up(both.control.parent_asleep);
    }
    worker.join();
    BOOST_TEST(wrong == 0u);
    BOOST_TEST(both.reader.empty());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return test::integration_main(argc, argv);
}
