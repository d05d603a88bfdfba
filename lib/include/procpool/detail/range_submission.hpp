// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RANGE_SUBMISSION_HPP
#define PROCPOOL_DETAIL_RANGE_SUBMISSION_HPP

#include <procpool/detail/chunk_plan.hpp>
#include <procpool/detail/item_codec.hpp>
#include <procpool/detail/job.hpp>
#include <procpool/detail/pool_core.hpp>
#include <procpool/options.hpp>
#include <procpool/task.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <ranges>
#include <utility>
#include <vector>

namespace procpool::detail {

/// How an item of the range becomes arguments: `map` passes it as the one argument, `starmap` spreads it.
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

/// Reads the whole range, encodes it in chunks and submits them. Nothing is submitted before the range has
/// been read, so a range that throws leaves nothing running.
///
/// `whole`: the items_call; `make_chunk(index)`: a new chunk of it, without items, that begins with this
/// item. Errors: what the range throws, and those of `submit`. An item whose encoding throws has failed with
/// what
///         was thrown, and the others run.
template <class Spread, class Sig, class Whole, class Task, class Range, class MakeChunk>
void submit_range(pool_core& core, Whole& whole, const Task& function, Range&& range, const chunk_plan& plan,
                  const map_options& options, MakeChunk make_chunk) {
    using chunk_ptr = decltype(make_chunk(std::size_t{}));
    core.require_open();
    require_time(options.timeout);
    whole.tell(progress_meter::make(core, options.on_progress));
    std::vector<chunk_ptr> chunks;
    job* open = nullptr;
    std::size_t index = 0;
    const auto end = std::ranges::end(range);
    for (auto it = std::ranges::begin(range); it != end; ++it, ++index) {
        auto&& item = *it;
        if (open == nullptr) {
            chunks.push_back(make_chunk(index));
            open = chunks.back().get();
            open->limit(options.timeout, options.retries);
        }
        try {
            encode_item<Sig>(*open, [&](encoder& out) {
                Spread::template encode<Sig>(out, function, std::forward<decltype(item)>(item));
            });
            ++open->items;
        } catch (...) {
            whole.fail(index, std::current_exception());
            whole.progressed(1);
            if (open->items == 0)
                chunks.pop_back();
            open = nullptr;
            continue;
        }
        if (plan.is_full(open->items, open->arguments.size(), chunks.size()))
            open = nullptr;
    }
    whole.expect(index, chunks.size());
    if (chunks.empty()) {
        whole.complete();
        return;
    }
    std::vector<job*> jobs;
    jobs.reserve(chunks.size());
    for (const auto& each : chunks)
        jobs.push_back(each.get());
    core.submit(jobs, false);
    for (auto& each : chunks)
        static_cast<void>(each.release()); // the pool's, since it did not throw
}

} // namespace procpool::detail

#endif
