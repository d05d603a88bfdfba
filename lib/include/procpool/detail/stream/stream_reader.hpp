// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_STREAM_STREAM_READER_HPP
#define PROCPOOL_DETAIL_STREAM_STREAM_READER_HPP

#include <procpool/detail/pool_core.hpp>
#include <procpool/detail/result/wait_deadline.hpp>
#include <procpool/detail/stream/stream_arrivals.hpp>
#include <procpool/detail/stream/stream_input.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace procpool::detail {

/// Decides how many items a stream sends together, and how far it reads its input ahead of the reader.
class stream_plan {
  public:
    /// The values of map_options; nullopt for defaults.
    ///
    /// Errors: throws std::invalid_argument if either is 0.
    stream_plan(std::optional<std::size_t> asked_chunk, std::optional<std::size_t> asked_ahead,
                std::size_t workers);

    /// The number of items of a chunk; at most `max_ahead`.
    std::uint32_t chunk() const noexcept { return chunk_; }
    /// The maximum number of items that were read from the input and not yet read from the stream.
    std::size_t max_ahead() const noexcept { return max_ahead_; }

    /// Whether there is room for another chunk, with `ahead` items in flight.
    bool has_room(std::size_t ahead) const noexcept { return max_ahead_ - ahead >= chunk_; }

    /// Whether the input should be read now. A narrow stream is kept full. In a wide stream, several items
    /// are read together, which costs less for each item; more of them if the reader has results to read.
    bool should_pull(std::size_t ahead, bool reader_waits) const noexcept {
        const auto room = max_ahead_ - ahead;
        return has_room(ahead) && (max_ahead_ < wide || room >= max_ahead_ / (reader_waits ? 8 : 4));
    }

  private:
    static constexpr std::size_t wide = 64;

    std::uint32_t chunk_;
    std::size_t max_ahead_;
};

/// The implementation of a result_stream: reads the input, submits it, and returns the outcomes one by one.
///
/// An item that was read from the input is `ahead` until the reader moves to the next; the number of such
/// items never exceeds the plan. The reader's position is at one outcome, or before the next.
///
/// Thread safety: one thread at a time.
template <class R>
class stream_reader {
  public:
    using order = stream_arrivals::order;
    using value_type = typename stream_outcome<R>::value_type;

    /// Errors: throws pool_closed.
    stream_reader(pool_core& core, const stream_plan& plan, order in, std::unique_ptr<stream_input<R>> input,
                  boost::intrusive_ptr<stream_arrivals> arrivals)
        : core_(&core)
        , plan_(plan)
        , order_(in)
        , input_(std::move(input))
        , arrivals_(std::move(arrivals)) {
        core_->begin_stream();
        try {
            refill(false);
        } catch (...) {
            if (input_)
                core_->end_stream();
            throw;
        }
    }
    stream_reader(const stream_reader&) = delete;
    stream_reader& operator=(const stream_reader&) = delete;

    ~stream_reader() {
        if (core_->home().is_elsewhere())
            return; // the pool owns the parts, or its threads were about to deliver them
        if (input_)
            core_->end_stream();
        // From then on a part that arrives is destroyed at once, so no thread may access a part that has not
        // arrived.
        arrivals_->abandon(
            [&]() noexcept { std::erase_if(in_order_, [](auto* part) { return !part->arrived(); }); });
        const bool all_here = parts_ == 0;
        delete front_;
        for (auto* part : in_order_)
            delete part;
        free(arrived_);
        free(arrivals_->take());
        if (!all_here)
            core_->withdraw(*arrivals_);
    }

    /// Waits for the outcome at the reader's position. False: the end.
    ///
    /// Errors: throws wait_timeout.
    bool at_item(deadline until) { return current_ != nullptr || fetch(until); }

    /// Reads the value at the reader's position, without moving.
    ///
    /// Errors:   throws the item's error.
    /// Requires: at_item().
    value_type& look() {
        was_read_ = true;
        return current_->value();
    }
    /// Reads the value and moves to the next outcome.
    value_type take() {
        const struct leaving {
            stream_reader& reader;
            ~leaving() { reader.leave(); }
        } whatever_happens{*this};
        return std::move(look());
    }
    /// Moves to the next outcome, which need not have arrived.
    void leave() noexcept {
        current_ = nullptr;
        was_read_ = false;
        if (front_ == nullptr)
            return; // the end of the input is not an item
        --ahead_;
        if (++at_ == front_->items)
            delete std::exchange(front_, nullptr);
    }
    /// Moves to the next outcome if this one was read.
    void leave_if_read() noexcept {
        if (was_read_)
            leave();
    }

  private:
    using chunk = stream_chunk<R>;
    using chunks = std::vector<std::unique_ptr<chunk>>;

    static void free(stream_part* list) noexcept {
        while (list != nullptr)
            delete std::exchange(list, list->next());
    }

    bool fetch(deadline until) {
        core_->home().require_here(); // before more of the input is pulled
        refill(true);
        if (front_ == nullptr) {
            front_ = next_part(until);
            at_ = 0;
        }
        if (front_ != nullptr) {
            current_ = &front_->outcome(at_);
        } else if (input_error_) {
            end_.fail(std::exchange(input_error_, nullptr));
            current_ = &end_;
        } else if (!arrivals_->wait_until_told(until)) {
            throw_wait_timeout();
        }
        return current_ != nullptr;
    }

    /// Null: there is none.
    chunk* next_part(deadline until) {
        if (parts_ == 0)
            return nullptr;
        const auto* const wanted = order_ == order::input ? in_order_.front() : nullptr;
        if (!anything_arrived() && !arrivals_->wait_for(wanted, until))
            throw_wait_timeout();
        stream_part* out = nullptr;
        if (order_ == order::input) {
            out = in_order_.front();
            in_order_.pop_front();
        } else {
            if (arrived_ == nullptr)
                arrived_ = arrivals_->take();
            out = std::exchange(arrived_, arrived_->next());
        }
        --parts_;
        return static_cast<chunk*>(out);
    }

    bool anything_arrived() noexcept {
        if (front_ != nullptr)
            return true;
        if (order_ == order::input)
            return !in_order_.empty() && in_order_.front()->arrived();
        if (arrived_ == nullptr)
            arrived_ = arrivals_->take();
        return arrived_ != nullptr;
    }

    /// Reads as much of the input as the plan allows now. `reads`: the reader will read a result next.
    void refill(bool reads) {
        if (!input_ || !plan_.should_pull(ahead_, reads && !anything_arrived()))
            return;
        bool waits = false;
        while (input_ && plan_.has_room(ahead_))
            waits = pull_some(reads);
        if (waits && anything_arrived())
            core_->submit_more({}, false); // the reader does not wait
    }

    /// Reads and submits some chunks: few, if the input is slow. Returns whether the pool was told that the
    /// reader waits.
    bool pull_some(bool reads) {
        constexpr std::size_t max_chunks = 32;
        constexpr std::chrono::microseconds max_time{20};
        const auto start = std::chrono::steady_clock::now();
        chunks pulled;
        bool ended = false;
        bool waits = false;
        std::exception_ptr why;
        try {
            pulled.reserve(max_chunks);
            do {
                auto next = input_->pull(*core_, *arrivals_, plan_.chunk());
                if (!next) {
                    ended = true;
                    break;
                }
                ahead_ += next->items;
                pulled.push_back(std::move(next));
            } while (plan_.has_room(ahead_) && pulled.size() != max_chunks &&
                     std::chrono::steady_clock::now() - start < max_time);
        } catch (...) {
            ended = true;
            why = std::current_exception();
        }
        try {
            waits = reads && (ended || !plan_.has_room(ahead_)) && parts_ + pulled.size() != 0 &&
                    !anything_arrived();
            submit(pulled, waits);
        } catch (...) {
            ended = true;
            waits = false;
            why = std::current_exception();
            for (const auto& each : pulled)
                ahead_ -= each->items;
        }
        if (ended)
            end_input(std::move(why));
        return waits;
    }

    void submit(chunks& pulled, bool waits) {
        std::vector<job*> jobs;
        jobs.reserve(pulled.size());
        for (const auto& each : pulled)
            if (!each->refused())
                jobs.push_back(each.get());
        if (order_ == order::input)
            in_order_.insert(in_order_.end(), pulled.size(), nullptr);
        if (!jobs.empty()) {
            try {
                core_->submit_more(jobs, waits);
            } catch (...) {
                if (order_ == order::input)
                    in_order_.resize(in_order_.size() - pulled.size());
                throw;
            }
        }
        auto place = in_order_.end() - (order_ == order::input ? std::ssize(pulled) : 0);
        for (auto& each : pulled) {
            auto* const part = each.release(); // now the pool owns it, or the reader
            pulled_items_ += part->items;
            if (order_ == order::input)
                *place++ = part;
            if (part->refused())
                arrivals_->arrive(*part);
        }
        parts_ += pulled.size();
        pulled.clear();
    }

    void end_input(std::exception_ptr why) noexcept {
        input_error_ = std::move(why);
        input_.reset();
        arrivals_->expect(pulled_items_);
        core_->end_stream();
    }

    const pool_core_ptr core_;
    const stream_plan plan_;
    const order order_;
    std::unique_ptr<stream_input<R>> input_; // null: the input has ended
    std::exception_ptr input_error_;         // thrown after the last item
    const boost::intrusive_ptr<stream_arrivals> arrivals_;

    std::size_t pulled_items_ = 0;
    std::size_t ahead_ = 0;
    std::size_t parts_ = 0;             // read from the input, and not yet `front_`
    std::deque<stream_part*> in_order_; // all of these, in input order
    stream_part* arrived_ = nullptr;    // arrived parts, in completion order
    chunk* front_ = nullptr;            // the part with the reader's position,
    std::uint32_t at_ = 0;              // at this item
    stream_outcome<R> end_;             // the error that ended the input
    stream_outcome<R>* current_ = nullptr;
    bool was_read_ = false;
};

} // namespace procpool::detail

#endif
