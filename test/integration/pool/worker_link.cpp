// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "link/worker_link.hpp"

#include "channel/ring.hpp"
#include "support/failures.hpp"
#include "support/fake_core.hpp"
#include "support/integration_main.hpp"
#include "support/open_descriptors.hpp"

#include <boost/interprocess/mapped_region.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace channel = procpool::channel;
namespace test = procpool::test;
using namespace std::chrono_literals;
using procpool::pooling::bell_set;
using procpool::pooling::bell_set_ptr;
using procpool::pooling::call_of;
using procpool::pooling::delivery;
using procpool::pooling::worker_link;
using procpool::scheduling::time_limit;

// The parent's account of one worker, whose side the test plays: how the account tells items of one frame
// from those of another, and one state of a claim word from the same state later.
namespace {

class counting_job final : public procpool::detail::job {
  public:
    counting_job(procpool::detail::pool_core& core, std::uint32_t count) : job(core) {
        items = count;
        unsettled = count;
        fixed = true;
        fixed_item_bytes = 0;
    }

    std::uint32_t succeeded_items = 0;
    std::uint32_t failed_items = 0;

    void succeeded(std::uint32_t, std::uint32_t count, std::span<const std::byte>, long) noexcept override {
        succeeded_items += count;
    }
    void failed(std::uint32_t, std::uint32_t count, const std::exception_ptr&) noexcept override {
        failed_items += count;
    }
    void settled() noexcept override {}
    std::string task_name() const override { return "task"; }
};

struct account : test::same_descriptors_after {
    test::fake_core core;
    std::shared_ptr<channel::channel_memory> memory =
        std::make_shared<channel::channel_memory>(channel::channel_memory::create());
    boost::interprocess::mapped_region writable{memory->memory(), boost::interprocess::read_write};
    channel::control& control = memory->control();
    channel::ring_writer responses{
        static_cast<std::byte*>(writable.get_address()) +
            (channel::channel_memory::results_offset() - channel::response_ring_bytes),
        channel::response_ring_bytes, control.response_head, control.response_tail};
    const bell_set_ptr bells{new bell_set()};
    procpool::counting::item_counts counts;
    worker_link link{*bells, counts};
    delivery out;

    void connect(std::uint64_t first_frame = 0) {
        control.frames_passed = first_frame;
        link.connect(memory, 4711, first_frame);
    }
    void give(counting_job& job) { BOOST_TEST_REQUIRE(link.give({call_of(job), 0, job.items})); }

    std::atomic<std::uint64_t>& claim_word(std::uint64_t sequence) {
        return control.claims[channel::claim_index(sequence)];
    }
    /// Publishes the outcomes of items of a frame, as the worker.
    void finish(std::uint64_t sequence, std::uint32_t first, std::uint32_t count) {
        const channel::response_header header{static_cast<std::uint16_t>(channel::record_kind::values),
                                              channel::result_slots,
                                              static_cast<std::uint32_t>(sequence),
                                              first,
                                              count,
                                              0,
                                              0,
                                              5'000,
                                              100};
        const auto room = responses.reserve(sizeof header, sizeof header);
        BOOST_TEST_REQUIRE(room.size() >= sizeof header);
        std::memcpy(room.data(), &header, sizeof header);
        responses.publish(sizeof header);
    }
    void run_all(std::uint64_t sequence, std::uint32_t count) {
        channel::claim(claim_word(sequence), count);
        finish(sequence, 0, count);
    }
    void collect() {
        procpool::pooling::worker_link::progress done;
        link.drain(out, done);
        BOOST_TEST(!link.damaged());
        out.hand_over();
    }
};

constexpr std::uint64_t same_name_after = std::uint64_t{1} << 31;

} // namespace

BOOST_FIXTURE_TEST_SUITE(worker_account, account)

BOOST_AUTO_TEST_CASE(items_of_all_frames_around_the_end_of_a_counter_succeed) {
    for (const std::uint64_t last : {std::uint64_t{0x7fff'ffff}, std::uint64_t{0xffff'ffff}, UINT64_MAX}) {
        connect(last - 2);
        for (std::uint64_t i = 0; i != 6; ++i) {
            counting_job job(core, 2);
            give(job);
            run_all(last - 2 + i, 2);
            collect();
            BOOST_TEST(job.succeeded_items == 2u);
            BOOST_TEST(job.failed_items == 0u);
        }
        responses = channel::ring_writer(
            static_cast<std::byte*>(writable.get_address()) +
                (channel::channel_memory::results_offset() - channel::response_ring_bytes),
            channel::response_ring_bytes, control.response_head, control.response_tail);
        new (&control) channel::control{};
    }
}

BOOST_AUTO_TEST_CASE(a_late_item_is_found_by_its_name_until_it_has_an_outcome) {
    connect(0xffff'ffff);
    counting_job late(core, 1);
    late.timeout = 1ns;
    give(late);
    link.current_timed_out();
    run_all(0xffff'ffff, 1);
    collect();
    BOOST_TEST(late.failed_items == 1u);
}

BOOST_AUTO_TEST_CASE(an_item_that_was_late_leaves_nothing_to_one_of_the_same_name) {
    connect();
    counting_job late(core, 1);
    late.timeout = 1h;
    give(late);
    link.limit().asked(link.current()->id, {}, 0ns);
    link.current_timed_out();
    run_all(0, 1);
    collect();
    // As if all frames in between had been finished.
    BOOST_TEST((link.limit().look({}, time_limit::item{channel::item_id(same_name_after, 0), 1h, {}}, 0ns) ==
                time_limit::verdict::go_on));
}

BOOST_AUTO_TEST_CASE(claims_that_cannot_be_taken_back_are_asked_for_once) {
    connect();
    counting_job job(core, 256);
    give(job);
    channel::claim(claim_word(0), 256);
    BOOST_TEST(link.watch_claims().has_value());
    BOOST_TEST(!link.watch_claims().has_value());
    BOOST_TEST(!link.peek());
}

BOOST_AUTO_TEST_CASE(claims_that_were_given_back_and_claimed_again_are_asked_for_again) {
    connect();
    counting_job job(core, 256);
    give(job);
    channel::claim(claim_word(0), 256);
    BOOST_TEST_REQUIRE(link.watch_claims().has_value());
    channel::unclaim(claim_word(0), 5, 256); // the worker's thread that listens
    ++control.given_back;
    channel::claim(claim_word(0), 256); // the one that runs items, before the parent is awake
    BOOST_TEST(link.peek());
    BOOST_TEST(link.watched_has_changed());
    BOOST_TEST(link.take_back(128).what.empty());
    BOOST_TEST(link.watch_claims().has_value());
    BOOST_TEST(!link.watch_claims().has_value());
}

BOOST_AUTO_TEST_CASE(claims_are_asked_for_again_when_the_item_that_ran_has_an_outcome) {
    connect();
    counting_job job(core, 256);
    give(job);
    channel::claim(claim_word(0), 256);
    BOOST_TEST_REQUIRE(link.watch_claims().has_value());
    finish(0, 0, 5);
    collect();
    BOOST_TEST(link.watch_claims().has_value());
    BOOST_TEST(!link.watch_claims().has_value());
}

BOOST_AUTO_TEST_CASE(claims_of_a_later_frame_with_the_same_word_are_asked_for) {
    connect();
    counting_job job(core, 256);
    for (std::uint64_t sequence = 0; sequence <= channel::frame_slots; ++sequence) {
        counting_job each(core, 256);
        give(each);
        channel::claim(claim_word(sequence), 256);
        if (sequence % channel::frame_slots == 0)
            BOOST_TEST(link.watch_claims().has_value());
        finish(sequence, 0, 256);
        control.request_tail = control.request_head.load();
        control.frames_passed = sequence + 1;
        collect();
    }
}

BOOST_AUTO_TEST_CASE(an_account_that_had_no_memory_has_room_when_it_is_empty) {
    connect();
    counting_job job(core, 1);
    test::failures::fail_here(1);
    std::uint64_t given = 0;
    while (link.give({call_of(job), 0, 1}))
        ++given;
    BOOST_TEST(test::failures::disarm());
    BOOST_TEST(given != 0u);
    BOOST_TEST(!link.watch_room()); // the outcomes of those that were given will show it
    BOOST_TEST(link.take_back(static_cast<std::uint32_t>(given)).frames == given);
    BOOST_TEST(!link.peek());
    BOOST_TEST(link.watch_room());
    give(job);
    BOOST_TEST(link.take_back(1).frames == 1u);
}

BOOST_AUTO_TEST_CASE(outcomes_are_kept_where_there_is_no_memory_to_leave_them_again) {
    counting_job job(core, 40);
    const auto why = std::make_exception_ptr(std::runtime_error("why not"));
    const std::vector<std::byte> many_bytes(1000);
    const auto add = [&](delivery& to, std::uint32_t count, std::size_t bytes) {
        to.make_room_for_failures(count);
        for (std::uint32_t i = 0; i != count; ++i)
            to.add_failure(job, i, 1, why);
        channel::record record{};
        record.items = count;
        record.payload = std::span(many_bytes).first(bytes);
        to.add(job, count, record, {});
    };
    for (unsigned failure = 1; failure != 6; ++failure) {
        job.unsettled = job.items;
        delivery first;
        delivery left;
        add(left, 15, many_bytes.size()); // more than it has room for in itself
        first.take_outcomes(left);
        add(out, 2, 100);
        test::failures::fail_here(failure);
        try {
            left.take_outcomes(out);
        } catch (const std::bad_alloc&) {
        }
        test::failures::disarm();
        for (delivery* each : {&first, &left, &out})
            each->hand_over();
        BOOST_TEST(job.failed_items == failure * 17);
        BOOST_TEST(job.succeeded_items == failure * 17);
    }
}

#if !defined(PROCPOOL_TEST_BY_WINE) // lacks a count of a process's handles
BOOST_AUTO_TEST_CASE(a_delivery_keeps_the_bells_that_it_is_to_ring) {
    const auto open_before = test::descriptor_count();
    bell_set_ptr others{new bell_set()};
    out.add_bell(*others, others->add());
    others.reset();
    BOOST_TEST(test::descriptor_count() == open_before + 1);
    out.hand_over();
    BOOST_TEST(test::descriptor_count() == open_before);
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return test::integration_main(argc, argv);
}
