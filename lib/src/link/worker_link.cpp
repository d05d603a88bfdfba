// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "link/worker_link.hpp"

#include "call/retry_counts.hpp"
#include "delivery/delivery.hpp"
#include "os/fault_point.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <new>
#include <utility>

namespace procpool::pooling {

using detail::may_retry;
using scheduling::work;

worker_link::worker_link(bell_set& bells, counting::item_counts& counts, bool timed, tracing::recorder* trace,
                         std::size_t place)
    : bells_(&bells)
    , counts_(&counts)
    , trace_(trace)
    , place_(place)
    , bell_(&bells.add())
    , always_timed_(timed ? channel::timed_mark : 0)
    , in_flight_(16) {}

void worker_link::connect(std::shared_ptr<const channel::channel_memory> memory, long pid,
                          std::uint64_t first_frame, std::uint64_t restarts) {
    auto& control = memory->control();
    requests_.emplace(control, memory->requests(), first_frame);
    responses_.emplace(control, memory->responses(), memory->results());
    consumed_.store(0, std::memory_order_relaxed);
    head_.store(&control.response_head, std::memory_order_release);
    from_ = {std::move(memory), bells_, bell_, pid};
    restarts_ = restarts;
    damaged_ = false;
    marked_for_kill_ = false;
    lacked_memory_ = false;
    timed_out_ = 0;
    limit_.reset();
}

std::shared_ptr<const channel::channel_memory> worker_link::disconnect() {
    stop_peeking();
    requests_.reset();
    responses_.reset();
    from_.pid = 0;
    restarts_ += connected();
    printed_ = nullptr;
    return std::exchange(from_.memory, nullptr);
}

bool worker_link::give(work what) {
    if (marked_for_kill_)
        return false;
    auto& job = job_of(what.call);
    const auto& payload = job.arguments;
    const auto sequence = requests_->next_sequence();
    const auto items = detail::bytes_of_items(job, what.first, what.items);
    const auto number = static_cast<std::uint32_t>(job.index_base + what.first);
    const auto task = job.task | (job.timeout.count() > 0 ? channel::timed_mark : always_timed_);
    lacked_memory_ = in_flight_.full() && !grow();
    if (lacked_memory_)
        return false; // until a frame is finished
    os::fault_point(os::fault_step::giving);
    const bool written =
        payload.shared().data != nullptr
            ? requests_->write_located(task, what.items, payload.shared().offset, items.end, items.begin,
                                       number)
            : requests_->write(task, what.items, payload.bytes().first(job.items_offset),
                               payload.bytes().subspan(items.begin, items.end - items.begin), number);
    if (written) {
        in_flight_.push_back({what, sequence, 0, what.items});
        given_ = true;
        os::fault_point(os::fault_step::given);
    } else if (requests_->damaged()) {
        give_up();
    }
    return written;
}

/// False: there is no memory.
bool worker_link::grow() noexcept {
    try {
        in_flight_.set_capacity(2 * in_flight_.capacity());
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

/// Takes back items of frames for which `wanted` is true, from the newest frame to the oldest.
worker_link::taken worker_link::take_back_if(std::uint32_t items,
                                             const std::function<bool(const work&)>& wanted) {
    taken out;
    out.what.reserve(in_flight_.size()); // the last step that can fail
    for (auto at = in_flight_.size(); at != 0 && items != 0; --at) {
        auto& each = in_flight_[at - 1];
        if (!wanted(each.what))
            continue;
        const auto range = requests_->take_back(each.sequence, items, each.end, each.done);
        if (range.empty())
            continue; // claimed completely; an older frame may still have unclaimed items
        os::fault_point(os::fault_step::taking_back);
        items -= range.size();
        each.end = range.first;
        out.what.push_back(each.what.part(each.what.first + range.first, range.size()));
        if (each.done == each.end) {
            ++out.frames;
            if (at == 1)
                forget_current();
            in_flight_.erase(in_flight_.begin() + static_cast<std::ptrdiff_t>(at - 1));
        }
    }
    std::reverse(out.what.begin(), out.what.end());
    return out;
}

worker_link::taken worker_link::take_back(std::uint32_t items, int at_least) {
    return take_back_if(items, [&](const work& what) { return !what.pinned() && what.priority >= at_least; });
}

worker_link::taken worker_link::take_back_if_unclaimed(const std::function<bool(const work&)>& wanted) {
    return take_back_if(std::numeric_limits<std::uint32_t>::max(), wanted);
}

std::optional<std::uint64_t> worker_link::watch_claims() {
    if (in_flight_.empty() || !connected())
        return std::nullopt;
    const auto& front = in_flight_.front();
    const auto& given_back = from_.memory->control().given_back;
    const auto times = given_back.load(std::memory_order_acquire); // loaded before the claim word
    const bool is_asked = watched_.load(std::memory_order_relaxed) == &given_back &&
                          watched_value_.load(std::memory_order_relaxed) == times &&
                          asked_sequence_ == front.sequence && asked_done_ == front.done;
    if (is_asked || requests_->claimed(front.sequence).next < front.done + 2)
        return std::nullopt;
    watch(given_back, times);
    asked_sequence_ = front.sequence;
    asked_done_ = front.done;
    return channel::frame_id(front.sequence);
}

bool worker_link::watch_room() noexcept {
    if (!connected() || damaged_ || marked_for_kill_)
        return false;
    if (lacked_memory_) // then the channel may have refused nothing
        return !in_flight_.full();
    const auto& room = requests_->next_room();
    if (watched_.load(std::memory_order_relaxed) != room.word ||
        watched_value_.load(std::memory_order_relaxed) != room.seen)
        watch(*room.word, room.seen);
    return false;
}

bool worker_link::watched_has_changed() noexcept {
    const bool changed = sees_a_change();
    if (changed)
        stop_watching();
    return changed;
}

void worker_link::watch(const std::atomic<std::uint64_t>& word, std::uint64_t seen) noexcept {
    stop_watching();
    watched_value_.store(seen, std::memory_order_relaxed);
    watched_.store(&word, std::memory_order_release);
}

void worker_link::stop_watching() noexcept {
    watched_.store(&nothing_, std::memory_order_relaxed);
    watched_value_.store(0, std::memory_order_relaxed);
}

std::optional<std::uint64_t> worker_link::cancel_current(const std::function<bool(const work&)>& wanted) {
    if (in_flight_.empty() || !wanted(in_flight_.front().what))
        return std::nullopt;
    const auto& front = in_flight_.front();
    job_of(front.what.call).cancelled = true;
    return channel::item_id(front.sequence, front.done);
}

std::size_t worker_link::late_pieces() const noexcept {
    if (timed_out_ == 0 || in_flight_.empty())
        return 0;
    const auto& job = job_of(in_flight_.front().what.call);
    return job.retries == 0 ? 0 : job.gathers ? in_flight_.front().what.items : 1;
}

bool worker_link::runs_an_item() const noexcept {
    if (in_flight_.empty() || !connected())
        return false;
    const auto& front = in_flight_.front();
    return !job_of(front.what.call).is_hook && requests_->claimed(front.sequence).next > front.done;
}

std::optional<scheduling::time_limit::item> worker_link::current() const noexcept {
    if (in_flight_.empty() || !connected())
        return std::nullopt;
    const auto& front = in_flight_.front();
    scheduling::time_limit::item out{
        channel::item_id(front.sequence, front.done), job_of(front.what.call).timeout, {}};
    const auto& control = from_.memory->control();
    if (control.running.load(std::memory_order_acquire) == out.id) {
        const std::chrono::nanoseconds since(control.running_since.load(std::memory_order_acquire));
        out.since = scheduling::time_limit::time(
            std::chrono::duration_cast<std::chrono::steady_clock::duration>(since));
    }
    return out;
}

void worker_link::current_timed_out() noexcept {
    timed_out_ = channel::item_id(in_flight_.front().sequence, in_flight_.front().done);
}

std::int64_t worker_link::current_began() const noexcept {
    const auto first = current();
    if (!first)
        return 0;
    return first->since ? std::chrono::nanoseconds(first->since->time_since_epoch()).count()
                        : from_.memory->control().clock_read.load(std::memory_order_relaxed);
}

void worker_link::trace_current(tracing::outcome how) const noexcept {
    if (trace_ == nullptr || !runs_an_item())
        return;
    const auto& front = in_flight_.front();
    trace_->tried(place_, job_of(front.what.call), front.what.first + front.done, 1,
                  {static_cast<std::uint64_t>(current_began()), 0}, how);
}

double worker_link::reported() const noexcept {
    return connected() ? from_.memory->control().reported.load(std::memory_order_relaxed) : 0;
}

std::optional<worker_link::running_item>
worker_link::running(scheduling::time_limit::time now) const noexcept {
    if (!runs_an_item())
        return std::nullopt;
    const auto to = std::chrono::nanoseconds(now.time_since_epoch()).count();
    const auto since = current_began();
    const bool plausible = since > 0 && since <= to;
    return running_item{&job_of(in_flight_.front().what.call),
                        std::chrono::nanoseconds(plausible ? to - since : 0)};
}

std::optional<worker_link::recorded_item> worker_link::recorded() const noexcept {
    if (!connected())
        return std::nullopt;
    const auto id = from_.memory->control().running.load(std::memory_order_acquire);
    for (const auto& each : in_flight_) {
        if (channel::frame_id(each.sequence) != channel::frame_of(id))
            continue;
        const auto item = channel::item_of(id); // any number, if the worker wrote it by mistake
        if (id == 0 || item < each.done || item >= each.end)
            break;
        return recorded_item{&job_of(each.what.call), each.what.first + item};
    }
    return std::nullopt;
}

std::vector<code_place> worker_link::stopped_at(std::uint64_t id) const noexcept try {
    if (!connected())
        return {};
    const auto& record = from_.memory->control().stacks[channel::stack_at_stop];
    auto stack = stack_in(record, id);
    return stack.empty() ? stack_in(record, channel::frame_of(id)) : stack;
} catch (const std::bad_alloc&) {
    return {};
}

std::vector<code_place> worker_link::current_stopped_at() const noexcept {
    const auto first = current();
    return first ? stopped_at(first->id) : std::vector<code_place>();
}

void worker_link::drain_last(delivery& out, progress& done) {
    if (!connected())
        return;
    drain(out, done);
    channel::record record;
    if (!damaged_ && responses_->unfinished(record))
        settle(record, out, done);
}

worker_link::leftovers worker_link::left() const {
    leftovers out;
    for (const auto& each : in_flight_) {
        // Items that are claimed and have no record: started, or about to start.
        const auto claimed = requests_->claimed(each.sequence);
        const bool nonsense = claimed.end != each.end || claimed.next > each.end;
        auto first = each.done;
        if ((claimed.next > first || nonsense) && (out.lost.empty() || damaged_)) {
            auto lost = each.end - first; // the claims are invalid: any item may have started
            if (!nonsense)
                lost = damaged_ || job_of(each.what.call).gathers ? claimed.next - first : 1;
            if (out.lost.empty())
                out.timed_out = timed_out_ == channel::item_id(each.sequence, first);
            out.lost.push_back(each.what.part(each.what.first + first, lost));
            first += lost;
        }
        if (first != each.end)
            out.unbegun.push_back(each.what.part(each.what.first + first, each.end - first));
    }
    return out;
}

std::optional<work> worker_link::abandon_one() noexcept {
    if (in_flight_.empty())
        return std::nullopt;
    const auto& first = in_flight_.front();
    const auto out = first.what.part(first.what.first + first.done, first.end - first.done);
    requests_->take_back(first.sequence, first.end, first.end); // the worker must not start it
    in_flight_.pop_front();
    return out;
}

void worker_link::parent_sleeps(channel::sleep how) noexcept {
    if (connected())
        channel::going_to_sleep(from_.memory->control().parent_asleep, how);
}

void worker_link::parent_woke() noexcept {
    if (connected())
        channel::woke_up(from_.memory->control().parent_asleep);
}

void worker_link::wake(delivery& out) noexcept {
    if (channel::wake_needed(from_.memory->control().worker_asleep) != channel::sleep::awake)
        out.add_bell(*bells_, *bell_);
}

void worker_link::request_exit(delivery& out) noexcept {
    if (!connected())
        return;
    from_.memory->control().goodbye.store(1, std::memory_order_release);
    wake(out);
}

} // namespace procpool::pooling
