// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// The parent's account of a worker that writes arbitrary data into its channel, while items are given, taken
// back, cancelled, timed out and collected, up to its death: every item is in exactly one place at any time
// and has at most one outcome, and nothing outside the channel is read.

#include "link/worker_link.hpp"

#include "os/memory.hpp"
#include "support/fake_core.hpp"

#include <boost/interprocess/mapped_region.hpp>
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <vector>

namespace channel = procpool::channel;
using procpool::pooling::delivery;
using procpool::pooling::worker_link;
using procpool::scheduling::work;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

enum class place : std::uint8_t { outside, given, settled };

class counted_job final : public procpool::detail::job {
  public:
    counted_job(procpool::detail::pool_core& core, std::uint32_t count)
        : job(core)
        , places(count, place::outside) {
        items = count;
        unsettled = count;
        fixed = true;
        fixed_item_bytes = 16;
        const std::vector<std::byte> bytes(std::size_t{16} * count);
        arguments.write_bytes(bytes.data(), bytes.size());
    }

    void succeeded(std::uint32_t first, std::uint32_t count, std::span<const std::byte> values,
                   long) noexcept override {
        static volatile std::byte sink{};
        for (const auto each : values)
            sink = sink ^ each;
        move(first, count, place::given, place::settled);
    }
    void failed(std::uint32_t first, std::uint32_t count, const std::exception_ptr& why) noexcept override {
        require(why != nullptr);
        move(first, count, place::given, place::settled);
    }
    void settled() noexcept override {
        require(std::count(places.begin(), places.end(), place::settled) ==
                static_cast<std::ptrdiff_t>(places.size()));
    }
    std::string task_name() const override { return "task"; }

    void move(std::uint32_t first, std::uint32_t count, place from, place to) noexcept {
        require(first <= items && count <= items - first);
        for (auto item = first; item != first + count; ++item) {
            require(places[item] == from);
            places[item] = to;
        }
    }

    std::vector<place> places;
};

/// The channel, and the worker's part.
struct channel_of_worker {
    std::shared_ptr<channel::channel_memory> memory =
        std::make_shared<channel::channel_memory>(channel::channel_memory::create());
    boost::interprocess::mapped_region writable{memory->memory(), boost::interprocess::read_write};
    std::span<std::byte> responses{
        static_cast<std::byte*>(writable.get_address()) +
            (channel::channel_memory::results_offset() - channel::response_ring_bytes),
        channel::response_ring_bytes + 64 * 1024};

    void reset() {
        new (&memory->control()) channel::control{};
        std::memset(responses.data(), 0, 16 * 1024);
    }
};

class trial {
  public:
    trial(channel_of_worker& channel, const std::uint8_t* data, std::size_t size)
        : channel_(&channel)
        , control_(&channel.memory->control())
        , input_(data, size) {
        const auto jobs = input_.ConsumeIntegralInRange<int>(1, 5);
        for (int i = 0; i != jobs; ++i) {
            auto& job = jobs_.emplace_back(core_, input_.ConsumeIntegralInRange<std::uint32_t>(1, 12));
            job.gathers = input_.ConsumeBool();
            job.retries = input_.ConsumeIntegralInRange<unsigned>(0, 2);
            job.timeout = std::chrono::nanoseconds(input_.ConsumeIntegralInRange<int>(0, 1));
        }
        link_.connect(channel.memory, 4711);
    }

    void run() {
        for (int steps = 0; steps != 200 && input_.remaining_bytes() != 0; ++steps)
            step();
        end();
    }

  private:
    void step() {
        switch (input_.ConsumeIntegralInRange<int>(0, 9)) {
        case 0:
        case 1:
            give();
            break;
        case 2:
            link_.watch_claims();
            if (link_.peek() && link_.watched_has_changed())
                link_.watch_claims();
            drain();
            break;
        case 3:
            take(link_.take_back(input_.ConsumeIntegralInRange<std::uint32_t>(1, 30)));
            break;
        case 4:
            if (link_.current())
                link_.current_timed_out();
            break;
        case 5: {
            const auto& of = any_job();
            const auto is_its = [&](const work& what) {
                return &procpool::pooling::job_of(what.call) == &of;
            };
            if (input_.ConsumeBool())
                take(link_.take_back_if_unclaimed(is_its));
            else
                link_.cancel_current(is_its);
            break;
        }
        case 6:
            claim_as_a_worker();
            break;
        case 7:
            write_record();
            break;
        case 8:
            write_bytes();
            break;
        case 9:
            write_word();
            break;
        }
    }

    counted_job& any_job() { return jobs_[input_.ConsumeIntegralInRange<std::size_t>(0, jobs_.size() - 1)]; }

    /// Of some job, what lies outside at its first such item.
    void give() {
        auto& job = any_job();
        const auto from = std::find(job.places.begin(), job.places.end(), place::outside);
        const auto to = std::find_if(from, job.places.end(), [](place p) { return p != place::outside; });
        if (from == to)
            return;
        const auto most = static_cast<std::uint32_t>(to - from);
        const work what{procpool::pooling::call_of(job),
                        static_cast<std::uint32_t>(from - job.places.begin()),
                        input_.ConsumeIntegralInRange<std::uint32_t>(1, most)};
        if (!link_.give(what))
            return;
        job.move(what.first, what.items, place::outside, place::given);
        ++frames_;
    }

    void take(const worker_link::taken& back) {
        for (const auto& each : back.what)
            take(each);
    }
    void take(const work& what) {
        static_cast<counted_job&>(procpool::pooling::job_of(what.call))
            .move(what.first, what.items, place::given, place::outside);
    }

    void drain() {
        delivery out;
        worker_link::progress done;
        link_.drain(out, done);
        take(done);
    }
    void take(const worker_link::progress& done) {
        for (const auto& each : done.again)
            take(each);
    }

    void claim_as_a_worker() {
        if (frames_ == 0)
            return;
        auto& word = control_->claims[channel::claim_index(any_frame())];
        const auto got = channel::claim(word, input_.ConsumeIntegralInRange<std::uint32_t>(1, 5));
        if (got.size() > 1 && input_.ConsumeBool())
            channel::unclaim(word, got.first + 1, got.last);
    }
    std::uint64_t any_frame() { return input_.ConsumeIntegralInRange<std::uint64_t>(0, frames_ - 1); }

    /// A record that is likely to be accepted.
    void write_record() {
        channel::response_header header{};
        header.kind = input_.ConsumeIntegralInRange<std::uint16_t>(1, 2);
        header.slot = static_cast<std::uint16_t>(
            input_.ConsumeBool() ? channel::result_slots : input_.ConsumeIntegral<std::uint8_t>());
        header.sequence = static_cast<std::uint32_t>(frames_ != 0 ? any_frame() : 0);
        header.first = input_.ConsumeIntegralInRange<std::uint32_t>(0, 12);
        header.items = input_.ConsumeIntegralInRange<std::uint32_t>(0, 12);
        header.bytes = input_.ConsumeIntegralInRange<std::uint64_t>(0, 256);
        header.location = input_.ConsumeIntegralInRange<std::uint64_t>(0, 64) * 16;
        header.begun = input_.ConsumeIntegral<std::uint64_t>();
        header.nanoseconds = input_.ConsumeIntegral<std::uint64_t>();
        const auto head = control_->response_head.load();
        const auto at = static_cast<std::size_t>(head % channel::response_ring_bytes);
        if (at + sizeof header <= channel::response_ring_bytes)
            std::memcpy(channel_->responses.data() + at, &header, sizeof header);
        const auto place = head / channel::cache_line << 32;
        if (input_.ConsumeBool())
            control_->building = place | header.items;
        else
            control_->response_head = head + (sizeof header + header.bytes + channel::cache_line - 1) /
                                                 channel::cache_line * channel::cache_line;
    }

    void write_bytes() {
        const auto at = input_.ConsumeIntegralInRange<std::size_t>(0, 4095);
        const auto bytes =
            input_.ConsumeBytes<std::uint8_t>(input_.ConsumeIntegralInRange<std::size_t>(1, 64));
        if (!bytes.empty())
            std::memcpy(channel_->responses.data() + at, bytes.data(), bytes.size());
    }

    void write_word() {
        const auto value = input_.ConsumeBool() ? input_.ConsumeIntegral<std::uint64_t>()
                                                : input_.ConsumeIntegralInRange<std::uint64_t>(0, 64) * 64;
        std::atomic<std::uint64_t>* const words[] = {
            &control_->request_head,
            &control_->response_tail,
            &control_->request_tail,
            &control_->frames_passed,
            &control_->response_head,
            &control_->building,
            &control_->running,
            &control_->claims[channel::claim_index(frames_ != 0 ? any_frame() : 0)]};
        *words[input_.ConsumeIntegralInRange<std::size_t>(0, std::size(words) - 1)] = value;
        control_->released[value % channel::result_slots] = input_.ConsumeIntegral<std::uint8_t>();
        control_->worker_asleep = static_cast<std::uint32_t>(value);
    }

    /// Called when the worker is dead.
    void end() {
        delivery out;
        worker_link::progress done;
        link_.drain_last(out, done);
        take(done);
        const auto left = link_.left();
        link_.clear();
        out.make_room_for_failures(left.lost.size());
        for (const auto& each : left.unbegun)
            take(each);
        for (const auto& each : left.lost)
            out.add_failure(procpool::pooling::job_of(each.call), each.first, each.items,
                            std::make_exception_ptr(std::runtime_error("lost")));
        out.hand_over();
        link_.disconnect();
        for (const auto& job : jobs_)
            require(std::count(job.places.begin(), job.places.end(), place::given) == 0);
    }

    channel_of_worker* channel_;
    channel::control* control_;
    FuzzedDataProvider input_;
    procpool::test::fake_core core_;
    std::deque<counted_job> jobs_;
    const procpool::pooling::bell_set_ptr bells_{new procpool::pooling::bell_set()};
    procpool::counting::item_counts counts_;
    worker_link link_{*bells_, counts_};
    std::uint64_t frames_ = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static channel_of_worker channel;
    channel.reset();
    trial(channel, data, size).run();
    return 0;
}
