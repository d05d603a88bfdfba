// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_MAP_CALL_HPP
#define PROCPOOL_DETAIL_MAP_CALL_HPP

#include <procpool/detail/chunk_plan.hpp>
#include <procpool/detail/item_codec.hpp>
#include <procpool/detail/job.hpp>
#include <procpool/detail/lowest_error.hpp>
#include <procpool/detail/progress_meter.hpp>
#include <procpool/detail/result_slots.hpp>
#include <procpool/detail/result_state.hpp>
#include <procpool/error.hpp>
#include <procpool/options.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace procpool::detail {

template <class R>
struct map_result {
    using type = std::vector<R>;
};
template <>
struct map_result<void> {
    using type = void;
};
template <class R>
using map_result_t = typename map_result<R>::type;

/// A map or starmap: its result, and what its chunks write to.
template <class R>
class map_call final : public result_state<map_result_t<R>> {
  public:
    explicit map_call(pool_core& core) noexcept : result_state<map_result_t<R>>(core) {}

    /// Before anything is submitted: who is told how far it is; null: nobody.
    void tell(std::shared_ptr<progress_meter> meter) {
        meter_ = std::move(meter);
        if (meter_)
            this->when_finished([meter = meter_] { meter->finish(); });
    }

    /// Before anything is submitted: how many items and chunks there are.
    void expect(std::size_t items, std::size_t chunks) {
        slots_.resize(items);
        chunks_left_.store(chunks, std::memory_order_relaxed);
        if (meter_)
            meter_->expect(items);
    }
    /// Some items have their outcome.
    void progressed(std::size_t items) noexcept {
        if (meter_)
            meter_->add(items);
    }

    template <class... Value>
    void store(std::size_t item, Value&&... value) {
        slots_.store(item, std::forward<Value>(value)...);
    }
    void fail(std::size_t item, const std::exception_ptr& why) noexcept { error_.add(item, why); }

    /// Requires: the caller holds a reference.
    void chunk_settled() noexcept {
        if (chunks_left_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            complete();
    }

    /// Every item has its outcome.
    void complete() noexcept {
        if (this->cancelled()) {
            this->set_error(std::make_exception_ptr(task_cancelled()));
        } else if (const auto& why = error_.get()) {
            this->set_error(why);
        } else {
            try {
                if constexpr (std::is_void_v<R>)
                    this->value_.emplace();
                else
                    this->value_.emplace(slots_.take());
            } catch (...) {
                this->set_error(std::current_exception());
            }
        }
        this->finish();
    }

  private:
    result_slots<R> slots_;
    lowest_error error_;
    std::atomic<std::size_t> chunks_left_{0};
    std::shared_ptr<progress_meter> meter_;
};

/// Consecutive items of a map.
template <class Task, class Sig>
class map_chunk final : public job {
  public:
    using result = typename Sig::result;
    using whole = map_call<result>;

    map_chunk(pool_core& core, whole& of, const Task& function, std::size_t first) : job(core), whole_(&of) {
        describe_items<Task, Sig>(*this);
        encode_prefix(*this, function);
        items = 0;
        index_base = first;
        owner = &of;
    }

    void settled() noexcept override {
        arguments.clear(); // before the result is there: whoever has it sees them gone
        whole_->chunk_settled();
        delete this;
    }

  private:
    void succeeded(std::uint32_t first, std::uint32_t count, std::span<const std::byte> values,
                   long pid) noexcept override {
        decode_items<result>(
            values, count,
            [&](std::uint32_t i, auto&&... value) {
                whole_->store(*index_base + first + i, std::forward<decltype(value)>(value)...);
            },
            [&](std::uint32_t i) {
                whole_->fail(*index_base + first + i, result_not_decoded(*this, first + i, pid));
            });
        whole_->progressed(count);
    }
    void failed(std::uint32_t first, std::uint32_t count, const std::exception_ptr& why) noexcept override {
        whole_->fail(*index_base + first, why);
        whole_->progressed(count);
    }
    std::string task_name() const override { return std::string(detail::task_name<Task>()); }

    boost::intrusive_ptr<whole> whole_;
};

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
/// Errors: what the range throws, and those of `submit`. An item whose encoding throws has failed with what
///         was thrown, and the others run.
template <class Spread, class Task, class Range>
auto start_map(pool_core& core, const Task& function, Range&& range, const chunk_plan& plan,
               const map_options& options) {
    using sig = map_signature<Spread, Task, Range>;
    using chunk = map_chunk<Task, sig>;
    core.require_open();
    require_time(options.timeout);
    boost::intrusive_ptr<map_call<typename sig::result>> whole(new map_call<typename sig::result>(core));
    whole->tell(progress_meter::make(core, options.on_progress));
    std::vector<std::unique_ptr<chunk>> chunks;
    chunk* open = nullptr;
    std::size_t index = 0;
    const auto end = std::ranges::end(range);
    for (auto it = std::ranges::begin(range); it != end; ++it, ++index) {
        auto&& item = *it;
        if (open == nullptr) {
            chunks.push_back(std::make_unique<chunk>(core, *whole, function, index));
            open = chunks.back().get();
            open->limit(options.timeout, options.retries);
        }
        try {
            encode_item<sig>(*open, [&](encoder& out) {
                Spread::template encode<sig>(out, function, std::forward<decltype(item)>(item));
            });
            ++open->items;
        } catch (...) {
            whole->fail(index, std::current_exception());
            whole->progressed(1);
            if (open->items == 0)
                chunks.pop_back();
            open = nullptr;
            continue;
        }
        if (plan.is_full(open->items, open->arguments.size(), chunks.size()))
            open = nullptr;
    }
    whole->expect(index, chunks.size());
    if (chunks.empty()) {
        whole->complete();
    } else {
        std::vector<job*> jobs;
        jobs.reserve(chunks.size());
        for (const auto& each : chunks)
            jobs.push_back(each.get());
        core.submit(jobs, false);
        for (auto& each : chunks)
            static_cast<void>(each.release()); // the pool's, since it did not throw
    }
    return result_ptr<map_result_t<typename sig::result>>(whole);
}

} // namespace procpool::detail

#endif
