// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "channel/argument_memory.hpp"
#include "channel/memory.hpp"
#include "channel/requests.hpp"
#include "channel/responses.hpp"
#include "os/handles.hpp"
#include "support/channel_parts.hpp"
#include "support/scripted_child.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <span>
#include <string>
#include <vector>

// A worker process that answers as many frames as time permits, and a parent that checks each answer.

namespace channel = procpool::channel;
namespace os = procpool::os;
namespace test = procpool::test;
using channel::record_kind;
using test::pattern;
using test::same_bytes;

namespace {

constexpr auto duration = std::chrono::milliseconds(1500);
constexpr std::uint32_t max_spin_turns = 200;

/// The kind of answer, in the field for the task.
enum kind : std::uint32_t { numbers, texts, failures, kinds };

/// The argument of an item is a number that determines the answer.
std::uint64_t number_for(std::uint64_t argument) {
    return argument * 0x9e37'79b9'7f4a'7c15 ^ 0x5bd1'e995;
}
std::vector<std::byte> text_for(std::uint64_t argument) {
    const auto size = argument % 4096 == 0 ? 200'000 : argument % 100;
    return pattern(size, argument);
}

void answer(const channel::frame& frame, channel::response_writer& out) {
    out.begin_frame(frame.sequence);
    for (auto got = channel::claim(*frame.claim_word, 4); !got.empty();
         got = channel::claim(*frame.claim_word, 4)) {
        for (auto item = got.first; item != got.last; ++item) {
            std::uint64_t argument = 0;
            std::memcpy(&argument, frame.arguments.data() + item * sizeof argument, sizeof argument);
            if (frame.task == numbers) {
                std::uint32_t count = 1;
                const auto number = number_for(argument);
                std::memcpy(out.packed_room(item, sizeof number, count), &number, sizeof number);
                out.packed(1, sizeof number);
                continue;
            }
            const auto text = text_for(argument);
            auto& value = frame.task == texts ? out.begin_value(item) : out.begin_exception(item);
            value.write_bytes(text.data(), text.size());
            out.end_value();
        }
    }
    out.flush();
}

int work_until_goodbye() {
    const auto memory = channel::channel_memory::adopt(os::shared_memory::adopt(os::inherited_handle(1)));
    const channel::argument_view arguments(os::shared_memory::adopt(os::inherited_handle(2)));
    const auto own_bell = os::doorbell::adopt(os::inherited_handle(3));
    const channel::parent_bells bells{os::doorbell::adopt(os::inherited_handle(4)),
                                      os::doorbell::adopt(os::inherited_handle(5))};
    auto& control = memory.control();
    channel::worker_sleeper sleeper(control, own_bell, max_spin_turns);
    channel::request_reader requests(control, memory.requests(), arguments);
    channel::response_writer responses(memory, bells, sleeper);
    for (;;) {
        sleeper.until([&] { return !requests.empty() || control.goodbye.load() != 0; });
        if (requests.empty())
            return 0;
        channel::frame frame;
        if (!requests.front(frame))
            return 1;
        answer(frame, responses);
        requests.pop();
    }
}

class parent {
  public:
    /// Writes as many frames as there is room for; false if there was no room.
    bool write();
    /// Reads all published records.
    void collect();
    void sleep();
    void request_exit() {
        control_.goodbye = 1;
        wake_worker();
    }
    bool has_outstanding() const { return !in_flight_.empty(); }

    std::vector<os::native_handle> handles() const {
        return {memory_.memory().handle(), arguments_.memory().handle(), worker_bell_.handle(),
                bells_.pool.handle(), bells_.collector.handle()};
    }

    std::uint64_t answers = 0;
    std::uint64_t taken_back = 0;
    std::uint64_t wrong = 0;

  private:
    struct frame {
        std::uint64_t sequence;
        kind what;
        std::uint64_t first_argument;
        std::uint32_t done;
        std::uint32_t end;
        channel::block located;
    };

    void wake_worker() {
        if (channel::wake_needed(control_.worker_asleep) != channel::sleep::awake)
            worker_bell_.ring();
    }
    void check(const channel::record& record);

    channel::channel_memory memory_ = channel::channel_memory::create();
    channel::control& control_ = memory_.control();
    channel::argument_memory arguments_;
    os::doorbell worker_bell_ = os::doorbell::create();
    channel::parent_bells bells_{os::doorbell::create(), os::doorbell::create()};
    channel::request_writer requests_{control_, memory_.requests()};
    channel::response_reader responses_{control_, memory_.responses(), memory_.results()};
    std::deque<frame> in_flight_;
    std::uint64_t next_argument_ = 1;
};

bool parent::write() {
    const auto sequence = requests_.next_sequence();
    const auto items = static_cast<std::uint32_t>(sequence % 8 < 6 ? 1 : 1 + sequence * 7919 % 40);
    const auto what = static_cast<kind>(sequence % 16 == 0 ? sequence / 16 % kinds : 0);
    std::vector<std::uint64_t> bytes(items);
    for (std::uint32_t i = 0; i != items; ++i)
        bytes[i] = next_argument_ + i;
    const auto payload = std::as_bytes(std::span(bytes));
    channel::block located;
    bool written = false;
    if (sequence % 1000 == 999) {
        located = arguments_.allocate(payload.size());
        std::memcpy(arguments_.data(located), payload.data(), payload.size());
        written = requests_.write_located(what, items, located.offset, payload.size(), 0);
        if (!written)
            arguments_.free(located);
    } else {
        written = requests_.write(what, items, {}, payload);
    }
    if (!written)
        return false;
    in_flight_.push_back({sequence, what, next_argument_, 0, items, located});
    next_argument_ += items;
    wake_worker();
    if (sequence % 5 == 0 && located.bytes == 0) {
        auto& youngest = in_flight_.back();
        const auto back = requests_.take_back(sequence, items / 2 + 1, items);
        taken_back += back.size();
        youngest.end -= back.size();
        wrong += !back.empty() && back.last != items;
        if (youngest.end == 0)
            in_flight_.pop_back();
    }
    return true;
}

void parent::check(const channel::record& record) {
    while (!in_flight_.empty() && in_flight_.front().done == in_flight_.front().end)
        in_flight_.pop_front();
    if (in_flight_.empty()) {
        ++wrong;
        return;
    }
    auto& asked = in_flight_.front();
    const bool fits = record.sequence == static_cast<std::uint32_t>(asked.sequence) &&
                      record.first == asked.done && record.items <= asked.end - asked.done;
    const auto kind_of_record = asked.what == failures ? record_kind::exception : record_kind::values;
    if (!fits || record.kind != kind_of_record) {
        ++wrong;
        return;
    }
    auto rest = record.payload;
    for (std::uint32_t i = 0; i != record.items; ++i) {
        const auto argument = asked.first_argument + asked.done++;
        ++answers;
        if (asked.what == numbers) {
            std::uint64_t number = 0;
            std::memcpy(&number, rest.data(), sizeof number);
            rest = rest.subspan(sizeof number);
            wrong += number != number_for(argument);
            continue;
        }
        procpool::detail::item_head size;
        std::memcpy(&size, rest.data(), sizeof size);
        wrong += !same_bytes(rest.subspan(sizeof size, size.bytes), text_for(argument));
        rest = rest.subspan(std::min<std::size_t>(rest.size(), sizeof size + (size.bytes + 15) / 16 * 16));
    }
    if (asked.done == asked.end) {
        if (asked.located.bytes != 0)
            arguments_.free(asked.located);
        in_flight_.pop_front();
    }
}

void parent::collect() {
    channel::record record;
    bool any = false;
    while (wrong == 0 && responses_.front(record)) {
        check(record);
        responses_.pop();
        if (record.slot)
            channel::response_reader::release_slot(control_, *record.slot);
        any = true;
    }
    wrong += responses_.damaged();
    if (any) {
        responses_.release_ring();
        wake_worker();
    }
    while (!in_flight_.empty() && in_flight_.front().done == in_flight_.front().end)
        in_flight_.pop_front();
}

void parent::sleep() {
    channel::going_to_sleep(control_.parent_asleep, channel::sleep::as_collector);
    if (responses_.empty())
        bells_.collector.wait_until(std::chrono::steady_clock::now() + std::chrono::seconds(20));
    channel::woke_up(control_.parent_asleep);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(processes, test::nothing_left)

BOOST_AUTO_TEST_CASE(every_answer_of_a_worker_process_is_right) {
    parent self;
    test::scripted_child worker("work", self.handles());
    const auto end = std::chrono::steady_clock::now() + duration;
    std::uint64_t frames = 0;
    while (self.wrong == 0 && std::chrono::steady_clock::now() < end) {
        int batch = 0;
        while (batch != 64 && self.write())
            ++batch;
        frames += static_cast<std::uint64_t>(batch);
        self.collect();
        if (batch == 0 && self.has_outstanding())
            self.sleep();
    }
    while (self.wrong == 0 && self.has_outstanding()) {
        self.sleep();
        self.collect();
    }
    if (self.wrong != 0) // the worker may be waiting for room for ever
        os::kill_tree(worker.process());
    self.request_exit();
    BOOST_TEST(worker.wait_for_exit().text == "exited with status 0");
    BOOST_TEST(self.wrong == 0u);
    BOOST_TEST(self.answers > 0u);
    BOOST_TEST_MESSAGE(frames << " frames, " << self.answers << " answers, " << self.taken_back
                              << " items taken back");
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return test::integration_main(
        argc, argv, [](const std::string& script) { return script == "work" ? work_until_goodbye() : 1; });
}
