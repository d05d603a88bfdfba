// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SHOWN_POOL_HPP
#define PROCPOOL_TEST_SHOWN_POOL_HPP

#include "channel/claim.hpp"
#include "channel/layout.hpp"
#include "status/layout.hpp"
#include "top/pool_view.hpp"
#include "top/report.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

// The memory that a pool shows, without a pool: two workers, of which one runs a task.
namespace procpool::test {

class shown_pool {
  public:
    static constexpr std::int64_t program = 42;
    static constexpr std::uint64_t task = channel::task_id(0, 0x1234);
    static constexpr std::size_t rows = 2;
    static constexpr std::size_t size = offsetof(status::page, rows) + rows * sizeof(status::worker_row);
    static constexpr std::size_t channel_size = channel::requests_offset + channel::request_ring_bytes;

    shown_pool() : page_(make(size)), channel_(make(channel_size)) {
        auto& head = *new (page_.get()) status::pool_head{};
        head.prefix.magic = status::page_magic;
        constexpr std::string_view version = "0.1.0";
        std::copy(version.begin(), version.end(), head.prefix.library_version.begin());
        head.prefix.layout = status::layout_id();
        head.prefix.pid = static_cast<std::uint64_t>(program);
        head.number = 7;
        head.made_at = std::chrono::nanoseconds(std::chrono::seconds(95)).count();
        head.processes = rows;
        head.names = 1;
        head.rows = rows;
        head.stats.submitted = 20;
        head.stats.succeeded = 12;
        auto& name = *new (page_.get() + offsetof(status::page, names)) status::task_name{task, 8, {}};
        std::memcpy(name.text.data(), "slow_add", 8);
        for (std::size_t i = 0; i != rows; ++i) {
            auto& each = *new (page_.get() + offset_of_row(i)) status::worker_row{};
            each.state = status::row_state::ready;
            each.worker = i;
            each.pid = static_cast<std::int64_t>(4711 + i);
            each.restarts = 3 * i;
            each.channel = static_cast<std::uint32_t>(i);
            each.tasks_done = i == 0 ? 10u : 2u;
        }
        new (channel_.get()) channel::control{};
        control().request_head = 64;
        control().claims[0] = channel::pack({1, 1});
        control().running = channel::item_id(0, 0);
        control().running_since = std::chrono::nanoseconds(std::chrono::seconds(98)).count();
        control().reported = 0.25;
        put_frame(0);
    }

    status::pool_head& head() { return *reinterpret_cast<status::pool_head*>(page_.get()); }
    status::worker_row& row(std::size_t i) {
        return *reinterpret_cast<status::worker_row*>(page_.get() + offset_of_row(i));
    }
    channel::control& control() { return *reinterpret_cast<channel::control*>(channel_.get()); }

    /// The frame did not fit before the end of the ring.
    void wrap() {
        constexpr auto at = channel::request_ring_bytes - 64;
        std::memcpy(channel_.get() + channel::requests_offset + at, &channel::wrap_mark,
                    sizeof channel::wrap_mark);
        control().request_tail = at;
        control().request_head = channel::request_ring_bytes + 64;
    }
    /// The memory of the pool has only so many bytes.
    void cut(std::size_t count) { bytes_ = count; }
    /// Overwrites a word of the pool, or of the channel.
    void damage(std::uint64_t where, std::uint64_t with) {
        const auto& of = where % 4 == 0 ? channel_ : page_;
        // Most words are in the head, the rows, and the beginning of the channel.
        const auto near = where % 4 == 0 ? std::size_t{1024} : sizeof(status::pool_head);
        auto at = static_cast<std::size_t>(where >> 8) % near;
        if (where % 4 == 1)
            at = offset_of_row(0) + at % (rows * sizeof(status::worker_row));
        at = at / 8 * 8;
        if ((where & 0x80) != 0)
            with %= 4; // small numbers get further
        std::memcpy(of.get() + at, &with, sizeof with);
    }

    /// Called before each read.
    std::function<void()> at_each_read = [] {
    };

    std::optional<top::pool_view> read() {
        const auto memory_of = [this](const bytes& from, std::size_t size_of) -> top::memory {
            return [this, &from, size_of](std::uint64_t offset, std::span<std::byte> to) -> std::size_t {
                at_each_read();
                const auto there = offset < size_of ? std::min<std::size_t>(to.size(), size_of - offset) : 0;
                if (there != 0)
                    std::memcpy(to.data(), from.get() + offset, there);
                return there;
            };
        };
        const auto channels = [&](std::uint32_t descriptor, std::uint64_t) -> std::optional<top::memory> {
            if (descriptor != 0)
                return std::nullopt;
            return memory_of(channel_, channel_size);
        };
        return top::read_pool(memory_of(page_, bytes_), program, channels, std::chrono::seconds(100));
    }

    /// Reads, whatever is there, and writes reports of it; ends the process if what was read cannot be.
    void check_reading() {
        try {
            const auto pool = read();
            if (!pool)
                return;
            const auto require = [](bool holds) {
                if (!holds)
                    std::abort();
            };
            require(pool->stats.queued + pool->stats.running <= pool->stats.submitted);
            for (const auto& each : pool->workers) {
                require(each.reported >= 0 && each.reported <= 1);
                require(each.running_for >= std::chrono::nanoseconds::zero() &&
                        each.running_for <= std::chrono::seconds(100));
                require(top::printable(each.task) == each.task);
            }
            const std::vector<top::program_view> all{{1, "program", false, {*pool}, {}}};
            top::rates since;
            require(!top::json_of(all).empty());
            require(!top::lines_of(all, since, top::order::by_time, std::chrono::seconds(100)).empty());
        } catch (const top::unreadable&) {
        }
    }

  private:
    struct free_aligned {
        void operator()(std::byte* at) const noexcept { ::operator delete[](at, std::align_val_t(64)); }
    };
    using bytes = std::unique_ptr<std::byte[], free_aligned>;

    static bytes make(std::size_t count) {
        auto* const out = new (std::align_val_t(64)) std::byte[count];
        std::memset(out, 0, count);
        return bytes(out);
    }
    static constexpr std::size_t offset_of_row(std::size_t i) {
        return offsetof(status::page, rows) + i * sizeof(status::worker_row);
    }
    void put_frame(std::size_t at) {
        const auto header = channel::request_header::of(1, 0, task | channel::timed_mark, 16, 0, 0);
        std::memcpy(channel_.get() + channel::requests_offset + at, &header, sizeof header);
    }

    bytes page_;
    bytes channel_;
    std::size_t bytes_ = size;
};

} // namespace procpool::test

#endif
