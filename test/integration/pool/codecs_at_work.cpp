// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/event.hpp"
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

// Codecs that wait for other results, take long or end a pool while they decode: they delay only what depends
// on them.
using namespace std::chrono_literals;
using procpool::test::event;
using procpool::test::gate;

namespace {

/// A number; the test decides what its codec does in the parent.
struct lively {
    int number = 0;
};
std::function<int(int)> when_decoded;

} // namespace

template <>
struct procpool::codec<lively> {
    static void encode(procpool::encoder& out, const lively& value) { out.write(value.number); }
    static lively decode(procpool::decoder& in) {
        const int number = in.read<int>();
        return {when_decoded ? when_decoded(number) : number};
    }
};

namespace {

lively make(int number) {
    return {number};
}

int twice(int n) {
    return 2 * n;
}

/// Makes codecs call `what` until the end of the scope.
class codecs_do {
  public:
    explicit codecs_do(std::function<int(int)> what) { when_decoded = std::move(what); }
    codecs_do(const codecs_do&) = delete;
    codecs_do& operator=(const codecs_do&) = delete;
    ~codecs_do() { when_decoded = nullptr; }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(codecs_at_work, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_codec_waits_for_a_result_that_came_in_the_same_batch) {
    procpool::pool pool(1);
    for (int round = 0; round != 300; ++round) {
        const auto before = pool.apply_async(procpool::fn<twice>, 1); // so that both come at once
        std::optional<procpool::async_result<int>> other;
        event known;
        const codecs_do wait([&](int number) {
            known.wait(1);
            return number + other->get();
        });
        const auto result = pool.apply_async(procpool::fn<make>, round);
        other = pool.apply_async(procpool::fn<twice>, 21);
        known.happen();
        BOOST_REQUIRE(result.get(20s).number == round + 42);
    }
}

BOOST_AUTO_TEST_CASE(a_codec_waits_in_the_threads_of_the_pool) {
    procpool::pool pool(1);
    std::optional<procpool::async_result<int>> other;
    event known;
    const codecs_do wait([&](int number) {
        known.wait(1);
        return number + other->get();
    });
    event called;
    std::atomic<int> got{0};
    auto result = pool.apply_async(procpool::fn<make>, 1);
    result.on_success([&](const lively& value) {
        got = value.number;
        called.happen();
    });
    other = pool.apply_async(procpool::fn<twice>, 21);
    known.happen();
    BOOST_TEST(called.wait(1));
    BOOST_TEST(got == 43);
}

BOOST_AUTO_TEST_CASE(each_codec_waits_for_the_next_result) {
    constexpr int count = 20;
    procpool::pool pool(1);
    std::vector<procpool::async_result<lively>> chain;
    event known;
    const codecs_do wait([&](int number) {
        known.wait(1);
        return number + 1 == count ? 0 : 1 + chain[static_cast<std::size_t>(number) + 1].get().number;
    });
    for (int i = 0; i != count; ++i)
        chain.push_back(pool.apply_async(procpool::fn<make>, i));
    known.happen();
    BOOST_TEST(chain.front().get(20s).number == count - 1);
}

BOOST_AUTO_TEST_CASE(a_codec_waits_for_a_result_whose_codec_waits_for_a_later_one) {
    procpool::pool pool(1);
    std::vector<procpool::async_result<lively>> results;
    event known;
    const codecs_do wait([&](int number) { // the first for the last, the second for the first
        known.wait(1);
        return number == 2 ? 40 : 1 + results[number == 0 ? 2 : 0].get().number;
    });
    for (int i = 0; i != 3; ++i)
        results.push_back(pool.apply_async(procpool::fn<make>, i));
    const auto last = pool.apply_async(procpool::fn<twice>, 1); // has run, so that all have come
    known.happen();
    BOOST_TEST(results[1].get(20s).number == 42);
    BOOST_TEST(last.get(20s) == 2);
}

BOOST_AUTO_TEST_CASE(codecs_of_two_pools_wait_for_each_other) {
    procpool::pool one(1);
    procpool::pool two(1);
    for (int round = 0; round != 50; ++round) {
        std::optional<procpool::async_result<lively>> of_two;
        std::optional<procpool::async_result<int>> last;
        event known;
        const codecs_do wait([&](int number) {
            known.wait(1);
            return number == 1 ? number + of_two->get().number : number + last->get();
        });
        const auto of_one = one.apply_async(procpool::fn<make>, 1);
        of_two = two.apply_async(procpool::fn<make>, 2);
        last = one.apply_async(procpool::fn<twice>, 21);
        known.happen();
        BOOST_REQUIRE(of_one.get(20s).number == 45);
    }
}

BOOST_AUTO_TEST_CASE(a_codec_calls_the_pool_whose_result_it_decodes) {
    procpool::pool pool(2);
    const codecs_do call([&](int number) { return number + pool.apply(procpool::fn<twice>, number); });
    std::vector<procpool::async_result<lively>> results;
    for (int i = 0; i != 50; ++i)
        results.push_back(pool.apply_async(procpool::fn<make>, i));
    for (int i = 0; i != 50; ++i)
        BOOST_TEST(results[static_cast<std::size_t>(i)].get(20s).number == 3 * i);
}

BOOST_AUTO_TEST_CASE(a_codec_calls_a_pool_several_times) {
    procpool::pool pool(1);
    procpool::pool other(1);
    BOOST_TEST(other.apply(procpool::fn<twice>, 1) == 2); // and is idle
    for (auto* called : {&pool, &other}) {
        const codecs_do call([&](int number) {
            for (int i = 0; i != 20; ++i) {
                number += called->apply(procpool::fn<twice>, 1);
                std::this_thread::sleep_for(1ms); // so that no thread collects any more
            }
            return number;
        });
        BOOST_TEST(pool.apply_async(procpool::fn<make>, 2).get(20s).number == 42);
        event called_back;
        auto result = pool.apply_async(procpool::fn<make>, 2);
        result.on_success([&](const lively&) { called_back.happen(); });
        BOOST_REQUIRE(called_back.wait(1)); // in the threads of the pool
        BOOST_TEST(result.get(20s).number == 42);
    }
}

BOOST_AUTO_TEST_CASE(a_codec_reads_a_stream) {
    procpool::pool pool(1);
    const codecs_do read([&](int number) {
        for (const int each : pool.imap(procpool::fn<twice>, std::vector{1, 2, 3}, {.max_in_flight = 1}))
            number += each;
        return number;
    });
    BOOST_TEST(pool.apply_async(procpool::fn<make>, 30).get(20s).number == 42);
}

BOOST_AUTO_TEST_CASE(a_slow_codec_holds_up_no_time_limit_no_cancellation_and_no_start) {
    procpool::pool_options options;
    options.processes = 2;
    options.terminate_grace = 0ms;
    procpool::pool pool(options);
    event begun;
    event may_end;
    const codecs_do take_long([&](int number) {
        begun.happen();
        may_end.wait(1);
        return number;
    });
    const auto slow = pool.apply_async(procpool::fn<make>, 1);
    BOOST_REQUIRE(begun.wait(1)); // in a thread of the pool, since no other thread waits for it
    const gate never;
    const auto late = pool.apply_async(procpool::call_options{.timeout = 20ms},
                                       procpool::fn<procpool::test::pass>, never.path(), 1);
    BOOST_CHECK_THROW(late.get(20s), procpool::task_timeout);
    auto unwanted = pool.apply_async(procpool::fn<procpool::test::pass>, never.path(), 2);
    BOOST_REQUIRE(never.wait_for_arrival(2));
    BOOST_TEST(unwanted.cancel());
    BOOST_CHECK_THROW(unwanted.get(20s), procpool::task_cancelled);
    pool.resize(3);
    BOOST_TEST(!slow.ready());
    may_end.happen();
    BOOST_TEST(slow.get(20s).number == 1);
}

BOOST_AUTO_TEST_CASE(a_codec_ends_the_pool_whose_result_it_decodes) {
    auto pool = std::make_unique<procpool::pool>(1);
    event begun;
    event ended;
    const codecs_do end([&](int number) {
        begun.wait(1);
        pool.reset();
        ended.happen();
        return number;
    });
    const auto result = pool->apply_async(procpool::fn<make>, 7);
    begun.happen();
    BOOST_REQUIRE(ended.wait(1));
    BOOST_TEST(result.get(20s).number == 7);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
