// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_BARE_RINGS_HPP
#define PROCPOOL_BENCH_BARE_RINGS_HPP

#include "bench/support/shared_pages.hpp"
#include "channel/layout.hpp"
#include "channel/ring.hpp"
#include "os/waiting.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <thread>

namespace bench {

/// If both processes have a CPU, this wait never yields the CPU; if not, the other process may need it.
class spin {
  public:
    void once_more() {
        if (++turns_ % 4096 == 0)
            std::this_thread::yield();
        procpool::os::cpu_relax();
    }

  private:
    unsigned turns_ = 0;
};

/// The library's ring without a pool: one direction between two processes, both of which spin. A pool cannot
/// be faster than two of these.
template <class Entry>
class bare_ring {
  public:
    explicit bare_ring()
        : writer_(memory_->bytes.data(), memory_->bytes.size(), memory_->head, memory_->tail)
        , reader_(memory_->bytes.data(), memory_->bytes.size(), memory_->head, memory_->tail) {}

    bool try_write(const Entry& entry) {
        const auto room = writer_.reserve(sizeof entry, sizeof entry);
        if (room.empty())
            return false;
        std::memcpy(room.data(), &entry, sizeof entry);
        writer_.publish(sizeof entry);
        return true;
    }
    void write(const Entry& entry) {
        for (spin waiting; !try_write(entry);)
            waiting.once_more();
    }

    /// The room is released after everything available has been read.
    std::optional<Entry> try_read() {
        const auto bytes = reader_.front();
        if (bytes.empty()) {
            if (unreleased_)
                reader_.release();
            unreleased_ = false;
            return std::nullopt;
        }
        Entry entry;
        std::memcpy(&entry, bytes.data(), sizeof entry);
        reader_.pop(sizeof entry);
        unreleased_ = true;
        return entry;
    }
    Entry read() {
        for (spin waiting;;) {
            if (const auto entry = try_read())
                return *entry;
            waiting.once_more();
        }
    }

  private:
    struct memory {
        alignas(procpool::channel::cache_line) std::atomic<std::uint64_t> head{0};
        alignas(procpool::channel::cache_line) std::atomic<std::uint64_t> tail{0};
        alignas(procpool::channel::cache_line)
            std::array<std::byte, procpool::channel::request_ring_bytes> bytes{};
    };

    shared_pages<memory> memory_;
    procpool::channel::ring_writer writer_;
    procpool::channel::ring_reader reader_;
    bool unreleased_ = false;
};

/// The request of a call of `add`.
struct two_numbers {
    int a;
    int b;
};

/// Both directions. Each process uses its own ends.
struct bare_rings {
    bare_ring<two_numbers> calls;
    bare_ring<int> results;

    /// The part of the other process.
    void answer(std::size_t count) {
        for (std::size_t done = 0; done != count; ++done) {
            const auto call = calls.read();
            results.write(call.a + call.b);
        }
    }
};

} // namespace bench

#endif
