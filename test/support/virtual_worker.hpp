// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_VIRTUAL_WORKER_HPP
#define PROCPOOL_TEST_VIRTUAL_WORKER_HPP

#include "scheduler/work.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace procpool::test {

/// A worker of a simulation: its items, and what its owner knows about them.
struct virtual_worker {
    using work = scheduling::work;

    struct frame {
        work what;
        std::uint32_t reported = 0; // items whose end the owner knows
        std::uint32_t done = 0;
        std::uint32_t claimed = 0;
        std::uint32_t end = 0;
    };
    enum class state { absent, starting, ready };

    state is = state::absent;
    bool goodbye = false;
    bool abandoned = false;
    std::uint64_t until = 0; // when its start, or its item, ends
    bool running = false;
    std::uint64_t report_at = UINT64_MAX;
    std::uint64_t last_ns = 0;
    std::deque<frame> frames;

    std::uint32_t unclaimed() const {
        std::uint32_t sum = 0;
        for (const auto& each : frames)
            sum += each.end - each.claimed;
        return sum;
    }

    /// The next item, in order.
    std::optional<work> claim() {
        const auto it = std::find_if(frames.begin(), frames.end(),
                                     [](const frame& each) { return each.claimed != each.end; });
        if (it == frames.end())
            return std::nullopt;
        return it->what.part(it->what.first + it->claimed++, 1);
    }

    /// Takes unclaimed items back, the newest first; `whole` counts the frames that are completely gone.
    std::vector<work> take_back(std::uint32_t items, std::uint32_t& whole,
                                const std::function<bool(const work&)>& wanted) {
        std::vector<work> out;
        for (auto at = frames.size(); at != 0 && items != 0; --at) {
            auto& each = frames[at - 1];
            const auto count = std::min(items, each.end - each.claimed);
            if (count == 0 || !wanted(each.what))
                continue;
            items -= count;
            each.end -= count;
            out.push_back(each.what.part(each.what.first + each.end, count));
            if (each.reported == each.end) {
                ++whole;
                frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(at - 1));
            }
        }
        std::reverse(out.begin(), out.end());
        return out;
    }
};

} // namespace procpool::test

#endif
