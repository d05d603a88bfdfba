// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/event.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/shared_arrays.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// Results, streams and callbacks that outlive their pools keep values and errors: no descriptor, mapping or
// thread of the pool.
using namespace procpool::test;
using namespace std::chrono_literals;

namespace {

/// A number; the test decides what its codec does in the parent.
struct lively {
    int number = 0;
};
std::function<void()> when_encoded;
std::function<void()> when_decoded;

} // namespace

template <>
struct procpool::codec<lively> {
    static void encode(procpool::encoder& out, const lively& value) {
        if (when_encoded)
            when_encoded();
        out.write(value.number);
    }
    static lively decode(procpool::decoder& in) {
        const int number = in.read<int>();
        if (when_decoded)
            when_decoded();
        return {number};
    }
};

namespace {

constexpr std::size_t big = 3'000'000; // bytes, which do not fit into a ring

int square(int n) {
    return n * n;
}

lively make(int number) {
    return {number};
}

int refuse(int) {
    throw std::runtime_error("no");
}

std::string repeat(std::size_t times) {
    return std::string(times, 's');
}

std::size_t size_of(const std::string& text) {
    return text.size();
}

struct parcel {
    std::string first;
    lively between;
    std::string last;
};

std::size_t size_of_parcel(const parcel& what) {
    return what.first.size() + what.last.size();
}

void sleep_long() {
    std::this_thread::sleep_for(30s);
}

/// Makes the codec of `lively` call `what` until the end of the scope.
class codec_does {
  public:
    codec_does(std::function<void()>& when, std::function<void()> what) : when_(when) {
        when_ = std::move(what);
    }
    codec_does(const codec_does&) = delete;
    codec_does& operator=(const codec_does&) = delete;
    ~codec_does() { when_ = nullptr; }

  private:
    std::function<void()>& when_;
};

/// Checks that this process has its former resources again, while the test still has results.
class pool_resources {
  public:
    /// `segments`: the number of segments of shared arrays that the test has received.
    bool are_freed([[maybe_unused]] std::size_t segments = 0) const {
        auto expected = before_;
        [[maybe_unused]] auto now = belongings::now();
#if !defined(_WIN32)
        expected.shared_mappings += segments;
#endif
        const auto as_expected = [&] {
            now = belongings::now();
            return now.children == expected.children && now.descriptors == expected.descriptors &&
                   now.threads == expected.threads && now.shared_mappings == expected.shared_mappings;
        };
        const bool freed = eventually(as_expected, 2s);
        if (!freed)
            BOOST_TEST_MESSAGE("children "
                               << now.children.size() << ", descriptors " << now.descriptors.size()
                               << " instead of " << expected.descriptors.size() << ", threads " << now.threads
                               << " instead of " << expected.threads << ", mappings " << now.shared_mappings
                               << " instead of " << expected.shared_mappings);
        return freed;
    }

  private:
    belongings before_ = belongings::after_a_thread();
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(outliving, nothing_left_behind)

BOOST_AUTO_TEST_CASE(ready_values_and_errors) {
    const pool_resources resources;
    std::vector<procpool::async_result<int>> numbers;
    std::vector<procpool::async_result<std::string>> texts;
    std::vector<procpool::async_result<std::vector<int>>> maps;
    std::vector<procpool::async_result<int>> errors;
    for (int round = 0; round != 5; ++round) {
        procpool::pool pool(2);
        for (int n = 0; n != 100; ++n)
            numbers.push_back(pool.apply_async(procpool::fn<square>, n));
        texts.push_back(pool.apply_async(procpool::fn<repeat>, big));
        maps.push_back(pool.map_async(procpool::fn<square>, std::vector<int>(1000, 3)));
        errors.push_back(pool.apply_async(procpool::fn<refuse>, 1));
        for (const auto& each : numbers)
            each.wait();
        texts.back().wait();
        maps.back().wait();
        errors.back().wait();
    }
    BOOST_TEST(resources.are_freed());
    for (std::size_t i = 0; i != numbers.size(); ++i)
        BOOST_TEST_REQUIRE(numbers[i].get() == square(static_cast<int>(i % 100)));
    for (const auto& each : texts)
        BOOST_TEST(each.get() == std::string(big, 's'));
    for (const auto& each : maps)
        BOOST_TEST(each.get() == std::vector<int>(1000, 9));
    for (auto& each : errors) {
        BOOST_CHECK_THROW(each.get(), std::runtime_error);
        BOOST_TEST(!each.cancel());
        BOOST_TEST(each.wait(0s));
    }
}

BOOST_AUTO_TEST_CASE(outcomes_that_nobody_waited_for) {
    const pool_resources resources;
    std::vector<procpool::async_result<std::string>> results;
    for (int round = 0; round != 3; ++round) {
        procpool::pool pool(2);
        for (int n = 0; n != 10; ++n)
            results.push_back(pool.apply_async(procpool::fn<repeat>, big / 10));
    }
    BOOST_TEST(resources.are_freed());
    for (const auto& each : results) {
        BOOST_TEST(each.ready());
        if (each.successful())
            BOOST_TEST(each.get().size() == big / 10);
        else
            BOOST_CHECK_THROW(each.get(), procpool::pool_terminated);
    }
}

BOOST_AUTO_TEST_CASE(calls_that_the_end_of_the_pool_stopped) {
    const pool_resources resources;
    std::optional<procpool::pool> pool(std::in_place, 2U);
    auto running = pool->broadcast_async(procpool::fn<sleep_long>);
    auto waiting = pool->apply_async(procpool::fn<size_of>, std::string(big, 'b'));
    auto map = pool->map_async(procpool::fn<size_of>, std::vector<std::string>(5, std::string(big, 'b')));
    pool.reset();
    BOOST_TEST(resources.are_freed());
    BOOST_CHECK_THROW(running.get(), procpool::pool_terminated);
    BOOST_CHECK_THROW(waiting.get(), procpool::pool_terminated);
    BOOST_CHECK_THROW(map.get(), procpool::pool_terminated);
    BOOST_TEST(!running.cancel());
    BOOST_TEST(!waiting.cancel());
    BOOST_TEST(waiting.wait(0s));
    event called;
    waiting.on_error([&](const std::exception_ptr&) { called.happen(); });
    BOOST_TEST(called.wait());
    BOOST_TEST(resources.are_freed());
}

/// Whether `get` throws an E. For a second thread, which must not use Boost.Test.
template <class E, class Result>
bool get_throws(const Result& result) {
    try {
        static_cast<void>(result.get());
    } catch (const E&) {
        return true;
    }
    return false;
}

/// The number of errors of the terminated pool in the rest of a stream.
template <class Stream>
int terminated_in_rest_of(Stream& stream) {
    int terminated = 0;
    for (int n = 0; n != 10'000; ++n) {
        try {
            if (!stream.next())
                return terminated;
        } catch (const procpool::pool_terminated&) {
            ++terminated;
        }
    }
    return 0;
}

BOOST_AUTO_TEST_CASE(streams_that_are_read_in_part) {
    const pool_resources resources;
    std::optional<procpool::pool> pool(std::in_place, 2U);
    auto small = pool->imap(procpool::fn<square>, std::vector<int>(1000));
    procpool::map_options options;
    options.max_in_flight = 2;
    auto large = pool->imap_unordered(procpool::fn<size_of>,
                                      std::vector<std::string>(20, std::string(big, 'b')), options);
    auto dropped =
        pool->imap(procpool::fn<size_of>, std::vector<std::string>(20, std::string(big, 'b')), options);
    BOOST_TEST(small.next().value() == 0);
    BOOST_TEST(large.next().value() == big);
    BOOST_TEST(dropped.next().value() == big);
    pool.reset();
    BOOST_TEST(resources.are_freed());
    { const auto gone = std::move(dropped); }
    BOOST_TEST(terminated_in_rest_of(small) >= 1);
    BOOST_TEST(terminated_in_rest_of(large) >= 1);
    BOOST_TEST(resources.are_freed());
}

BOOST_AUTO_TEST_CASE(completions) {
    const pool_resources resources;
    std::optional<procpool::pool> pool(std::in_place, 2U);
    std::vector<procpool::async_result<int>> results;
    for (int n = 0; n != 20; ++n)
        results.push_back(pool->apply_async(procpool::fn<square>, n));
    auto completed = procpool::as_completed(results);
    BOOST_TEST(completed.next().has_value());
    pool.reset();
    BOOST_TEST(resources.are_freed());
    std::size_t rest = 0;
    for (const auto& each : completed) {
        BOOST_TEST(each.ready());
        ++rest;
    }
    BOOST_TEST(rest == 19U);
    BOOST_TEST(procpool::wait_any(results) == 0U);
    auto again = procpool::as_completed(results);
    BOOST_TEST(again.next().has_value());
}

BOOST_AUTO_TEST_CASE(callbacks_that_have_not_run_yet) {
    boost::asio::io_context context;
    const pool_resources resources;
    procpool::pool_options options;
    options.processes = 1;
    options.executor = context.get_executor();
    std::optional<procpool::pool> pool(options);
    boost::asio::cancellation_signal signal;
    int called = 0;
    auto stopped = pool->apply_async(procpool::fn<sleep_long>);
    auto result = pool->apply_async(procpool::fn<square>, 4);
    stopped.on_error([&](const std::exception_ptr&) { ++called; });
    result.on_error([&](const std::exception_ptr&) { ++called; });
    result.async_get([&](const std::exception_ptr&, int) { ++called; });
    pool->async_apply(procpool::bind(procpool::fn<square>, 5),
                      boost::asio::bind_cancellation_slot(signal.slot(),
                                                          [&](const std::exception_ptr&, int) { ++called; }));
    pool.reset();
    BOOST_TEST(resources.are_freed());
    BOOST_TEST(!result.cancel());
    signal.emit(boost::asio::cancellation_type::terminal);
    bool was_terminated = false;
    std::thread waiting([&] { was_terminated = get_throws<procpool::pool_terminated>(result); });
    context.run();
    waiting.join();
    BOOST_TEST(was_terminated);
    BOOST_TEST(called == 4);
    result.on_error([&](const std::exception_ptr&) { ++called; });
    context.restart();
    context.run();
    BOOST_TEST(called == 5);
}

BOOST_AUTO_TEST_CASE(a_callback_destroys_the_pool_before_others_have_run) {
    const pool_resources resources;
    std::optional<procpool::pool> pool(std::in_place, 1U);
    event destroyed;
    event submitted;
    auto first = pool->apply_async(procpool::fn<refuse>, 1);
    auto stopped = pool->apply_async(procpool::fn<sleep_long>);
    auto result = pool->apply_async(procpool::fn<square>, 4);
    first.on_error([&](const std::exception_ptr&) {
        submitted.wait();
        pool.reset();
        destroyed.happen();
    });
    stopped.on_error([&](const std::exception_ptr&) {});
    result.on_error([&](const std::exception_ptr&) {});
    bool was_terminated = false;
    std::thread waits([&] { was_terminated = get_throws<procpool::pool_terminated>(stopped); });
    submitted.happen();
    BOOST_TEST(destroyed.wait());
    BOOST_CHECK_THROW(first.get(), std::runtime_error);
    BOOST_CHECK_THROW(stopped.get(), procpool::pool_terminated);
    waits.join();
    BOOST_TEST(was_terminated);
    BOOST_TEST(resources.are_freed());
    BOOST_TEST(result.wait(20s));
}

BOOST_AUTO_TEST_CASE(threads_that_wait_while_the_pool_is_destroyed) {
    const pool_resources resources;
    for (int round = 0; round != 20; ++round) {
        std::optional<procpool::pool> pool(std::in_place, 1U);
        auto first = pool->apply_async(procpool::fn<sleep_long>);
        auto second = pool->apply_async(procpool::fn<sleep_long>);
        std::vector<std::thread> threads;
        bool first_was_terminated = false;
        bool second_failed = false;
        threads.emplace_back([&] { first_was_terminated = get_throws<procpool::pool_terminated>(first); });
        threads.emplace_back([&] { second_failed = get_throws<procpool::error>(second); });
        threads.emplace_back([&] { second.cancel(); });
        pool.reset();
        for (auto& each : threads)
            each.join();
        BOOST_TEST(first_was_terminated);
        BOOST_TEST(second_failed);
        BOOST_TEST_REQUIRE(resources.are_freed());
        BOOST_TEST(first.ready());
        BOOST_TEST(second.ready());
    }
}

BOOST_AUTO_TEST_CASE(a_codec_destroys_the_pool_in_the_thread_that_waits) {
    const pool_resources resources;
    for (int round = 0; round != 20; ++round) {
        std::optional<procpool::pool> pool(std::in_place, 1U);
        event made; // the pool's own thread may be faster than the next calls
        const codec_does destroys(when_decoded, [&] {
            made.wait();
            pool.reset();
        });
        auto result = pool->apply_async(procpool::fn<make>, round);
        auto text = pool->apply_async(procpool::fn<repeat>, big);
        auto stopped = pool->apply_async(procpool::fn<sleep_long>);
        made.happen();
        BOOST_TEST(result.get().number == round);
        BOOST_TEST_REQUIRE(resources.are_freed());
        BOOST_CHECK_THROW(stopped.get(), procpool::pool_terminated);
        BOOST_TEST(text.wait(20s));
    }
}

BOOST_AUTO_TEST_CASE(a_codec_destroys_the_pool_in_its_own_thread) {
    const pool_resources resources;
    for (int round = 0; round != 20; ++round) {
        std::optional<procpool::pool> pool(std::in_place, 1U);
        event destroyed;
        event made;
        const codec_does destroys(when_decoded, [&] {
            made.wait();
            pool.reset();
            destroyed.happen();
        });
        auto result = pool->apply_async(procpool::fn<make>, round);
        auto stopped = pool->apply_async(procpool::fn<sleep_long>);
        made.happen();
        BOOST_TEST(destroyed.wait());
        BOOST_TEST_REQUIRE(resources.are_freed());
        BOOST_TEST(result.get().number == round);
        BOOST_CHECK_THROW(stopped.get(), procpool::pool_terminated);
    }
}

BOOST_AUTO_TEST_CASE(a_codec_is_at_work_while_the_pool_is_destroyed) {
    const pool_resources resources;
    for (int round = 0; round != 10; ++round) {
        std::optional<procpool::pool> pool(std::in_place, 1U);
        event begun;
        event go_on;
        const codec_does waits(when_decoded, [&] {
            begun.happen();
            go_on.wait();
        });
        auto result = pool->apply_async(procpool::fn<make>, round);
        auto text = pool->apply_async(procpool::fn<repeat>, big);
        int number = -1;
        std::thread reads([&] { number = result.get().number; });
        BOOST_TEST(begun.wait());
        auto stopped = pool->apply_async(procpool::fn<sleep_long>);
        std::thread destroys([&] { pool.reset(); }); // waits for the codec if a thread of the pool runs it
        BOOST_TEST(eventually([] { return belongings::now().children.empty(); }));
        go_on.happen();
        destroys.join();
        reads.join();
        BOOST_TEST(number == round);
        BOOST_TEST_REQUIRE(resources.are_freed());
        BOOST_CHECK_THROW(stopped.get(), procpool::pool_terminated);
        BOOST_TEST(text.wait(20s));
    }
}

BOOST_AUTO_TEST_CASE(arguments_that_are_being_encoded_keep_their_memory_alone) {
    const pool_resources resources;
    std::optional<procpool::pool> pool(std::in_place, 1U);
    procpool::map_options options;
    options.max_in_flight = 1;
    options.chunk_size = 1;
    const std::vector<parcel> items(10, {std::string(big, 'a'), {0}, std::string(3 * big, 'b')});
    auto stream = pool->imap(procpool::fn<size_of_parcel>, items, options);
    BOOST_TEST(stream.next().value() == 4 * big);
    std::size_t mappings = 99;
    std::size_t descriptors = 99;
    const auto before = belongings::now();
    const codec_does destroys(when_encoded, [&] {
        pool.reset();
        const auto after = belongings::now();
        mappings = after.shared_mappings;
        descriptors = before.descriptors.size() - after.descriptors.size();
    });
    BOOST_TEST(terminated_in_rest_of(stream) >= 1);
    BOOST_TEST(!pool.has_value());
#if !defined(_WIN32)
    BOOST_TEST(mappings == 1U);
    BOOST_TEST(descriptors > 5U);
#endif
    BOOST_TEST(resources.are_freed());
}

BOOST_AUTO_TEST_CASE(shared_arrays) {
    const pool_resources resources;
    std::optional<procpool::pool> pool(std::in_place, 1U);
    auto array = pool->apply_async(procpool::fn<seven>);
    BOOST_TEST(array.get().span().back() == 7);
    auto late = pool->apply_async(procpool::fn<sum_of>, counted(100'000));
    pool.reset();
    BOOST_TEST(resources.are_freed(1));
    BOOST_TEST(array.get().span().back() == 7);
    BOOST_TEST(late.wait(0s));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
