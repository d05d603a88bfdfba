// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_RANGE_SUBMISSION_HPP
#define PROCPOOL_DETAIL_CALL_RANGE_SUBMISSION_HPP

#include <procpool/detail/call/job.hpp>
#include <procpool/detail/call/job_encoding.hpp>
#include <procpool/detail/pool_core.hpp>
#include <procpool/detail/result/progress_meter.hpp>
#include <procpool/detail/task/task_parts.hpp>
#include <procpool/options.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace procpool::detail {

/// Decides how many items are sent together. A chunk can be cut between any two items later, when a worker is
/// idle, so the plan need not predict how long items take.
class chunk_plan {
  public:
    /// `asked`: the user's chunk size; `length`: the length of the range, if it is known before it is read.
    ///
    /// Errors: throws std::invalid_argument if `asked` is 0.
    chunk_plan(std::optional<std::size_t> asked, std::optional<std::size_t> length, std::size_t workers);

    /// Whether a chunk of `items` items and `bytes` bytes, the `chunks`-th, is to be sent as it is.
    bool is_full(std::uint32_t items, std::size_t bytes, std::size_t chunks) const noexcept {
        return items >= size(chunks) || (!asked_ && bytes >= max_bytes);
    }

    /// The number of items of the `chunks`-th chunk, counted from 1, if the items are small.
    std::uint32_t size(std::size_t chunks) const noexcept;
    /// Likewise, if each item takes `item_bytes` bytes.
    std::uint32_t size(std::size_t chunks, std::size_t item_bytes) const noexcept {
        const auto items = size(chunks);
        return asked_ ? items
                      : static_cast<std::uint32_t>(std::min<std::size_t>(items, max_bytes / item_bytes + 1));
    }

    /// Unless the user sets a chunk size, a chunk exceeds this size by at most one item.
    static constexpr std::size_t max_bytes = 256 * 1024;
    /// Maximum number of items of a chunk, even if the user sets a larger chunk size.
    static constexpr std::size_t max_items = std::numeric_limits<std::uint32_t>::max() / 2;

  private:
    bool asked_;
    std::uint32_t size_; // 0: unknown, grows
    std::size_t workers_;
};

/// How an item of the range becomes arguments: `map` passes it as the only argument, `starmap` passes its
/// elements.
struct whole_item {
    template <class Task, class Item>
    using signature = signature_of<Task, Item>;
    template <class Sig, class Task, class Item>
    static void encode(encoder& out, const Task& function, Item&& item) {
        encode_arguments<Sig>(out, function, std::forward<Item>(item));
    }
};
struct spread_item {
    template <class Task, class Item>
    using signature = signature_of_tuple<Task, Item>;
    template <class Sig, class Task, class Item>
    static void encode(encoder& out, const Task& function, Item&& item) {
        encode_tuple<Sig>(out, function, std::forward<Item>(item));
    }
};

template <class Spread, class Task, class Range>
using map_signature = typename Spread::template signature<Task, std::ranges::range_reference_t<Range>>;

/// Whether the encoding of these items is identical to their bytes in memory.
template <class Spread, class Sig, class Task, class Range>
constexpr bool items_are_bytes() {
    if constexpr (std::is_same_v<Spread, whole_item> && !is_refused<Sig> && !form_of<Task>::is_keywords &&
                  std::ranges::contiguous_range<Range> && std::ranges::sized_range<Range>) {
        using item = std::ranges::range_value_t<Range>;
        return is_plain<item> &&
               !std::is_volatile_v<std::remove_reference_t<std::ranges::range_reference_t<Range>>> &&
               std::is_same_v<typename Sig::params, std::tuple<item>>;
    } else {
        return false;
    }
}

/// The chunks of a range while the range is read.
template <class Sig, class Whole, class MakeChunk>
class range_chunks {
  public:
    using chunk_ptr = std::invoke_result_t<MakeChunk&, std::size_t>;

    range_chunks(Whole& whole, const chunk_plan& plan, const map_options& options, MakeChunk& make_chunk)
        : whole_(&whole)
        , plan_(&plan)
        , options_(&options)
        , make_chunk_(&make_chunk) {}

    /// Adds the next item, which `write` encodes. If `write` throws, the item has failed with that exception.
    template <class Write>
    void add(Write write) {
        auto& to = open();
        try {
            encode_item<Sig>(to, write);
            ++to.items;
            ++items_;
        } catch (...) {
            fail(1);
            return;
        }
        if (plan_->is_full(to.items, to.arguments.size(), chunks_.size()))
            open_ = nullptr;
    }

    /// Adds the next items, of `item_bytes` bytes each, unchanged.
    void add_bytes(std::span<const std::byte> items, std::size_t item_bytes) {
        while (!items.empty()) {
            auto& to = open();
            const auto left = items.size() / item_bytes;
            const auto count = static_cast<std::uint32_t>(
                std::min<std::size_t>(left, plan_->size(chunks_.size(), item_bytes)));
            const auto bytes = count * item_bytes;
            try {
                to.arguments.write_bytes(items.data(), bytes);
                to.items = count;
                items_ += count;
                open_ = nullptr;
            } catch (...) {
                fail(count);
            }
            items = items.subspan(bytes);
        }
    }

    template <class Job = job> // so that programs without maps do not compile it
    void submit_to(pool_core& core) {
        whole_->expect(items_, chunks_.size());
        if (chunks_.empty()) {
            whole_->complete();
            return;
        }
        std::vector<Job*> jobs;
        jobs.reserve(chunks_.size());
        for (const auto& each : chunks_)
            jobs.push_back(each.get());
        core.submit(jobs, false);
        for (auto& each : chunks_)
            static_cast<void>(each.release()); // submit did not throw, so the pool owns it
    }

  private:
    job& open() {
        if (open_ == nullptr) {
            chunks_.push_back((*make_chunk_)(items_));
            open_ = chunks_.back().get();
            open_->limit(options_->timeout, options_->retries, options_->priority);
        }
        return *open_;
    }

    /// Called in a catch block: the next `count` items could not be encoded.
    void fail(std::uint32_t count) {
        whole_->fail(items_, std::current_exception());
        whole_->progressed(count);
        if (open_->items == 0)
            chunks_.pop_back();
        open_ = nullptr;
        items_ += count;
    }

    Whole* whole_;
    const chunk_plan* plan_;
    const map_options* options_;
    MakeChunk* make_chunk_;
    std::vector<chunk_ptr> chunks_;
    job* open_ = nullptr;   // the last chunk, if it has room for more
    std::size_t items_ = 0; // of all chunks
};

/// Reads the whole range, encodes it in chunks and submits them. Nothing is submitted before the range has
/// been read, so a range that throws leaves nothing running.
///
/// `whole`: the items_call; `make_chunk(index)`: makes a new, empty chunk of it that begins with item
/// `index`.
///
/// Errors: exceptions of the range, and those of `submit`. If encoding an item throws, the item has failed
///         with that exception, and the others run.
template <class Spread, class Sig, class Whole, class Task, class Range, class MakeChunk>
void submit_range(pool_core& core, Whole& whole, const Task& function, Range&& range, const chunk_plan& plan,
                  const map_options& options, MakeChunk make_chunk) {
    core.require_open();
    require_time(options.timeout);
    whole.tell(progress_meter::make(core, options.on_progress));
    range_chunks<Sig, Whole, MakeChunk> chunks(whole, plan, options, make_chunk);
    if constexpr (items_are_bytes<Spread, Sig, Task, Range>()) {
        const std::span items(std::ranges::data(range), std::ranges::size(range));
        chunks.add_bytes(std::as_bytes(items), sizeof(std::ranges::range_value_t<Range>));
    } else {
        const auto end = std::ranges::end(range);
        for (auto it = std::ranges::begin(range); it != end; ++it) {
            auto&& item = *it;
            chunks.add([&](encoder& out) {
                Spread::template encode<Sig>(out, function, std::forward<decltype(item)>(item));
            });
        }
    }
    chunks.submit_to(core);
}

} // namespace procpool::detail

#endif
