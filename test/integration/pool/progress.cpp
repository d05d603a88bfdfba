// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/progress_listener.hpp"
#include "support/streams.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

// on_progress: called from time to time, and with the end before the result is available.
using namespace std::chrono_literals;
using namespace procpool::test;

namespace {

int not_for_three(int n) {
    if (n % 3 == 0)
        throw std::out_of_range("three");
    return n;
}

struct odd_only {
    int value;
};

} // namespace

template <>
struct procpool::codec<odd_only> {
    static void encode(encoder& out, const odd_only& value) {
        if (value.value % 2 == 0)
            throw std::domain_error("even");
        out.write(value.value);
    }
    static odd_only decode(decoder& in) { return {in.read<int>()}; }
};

BOOST_FIXTURE_TEST_SUITE(progress, nothing_left_behind)

BOOST_AUTO_TEST_CASE(the_end_is_told_before_the_result_is_there) {
    procpool::pool pool(2);
    for (const int count : {0, 1, 2, 1000}) {
        const auto items = static_cast<std::size_t>(count);
        for (const std::size_t chunk : {1U, 7U, 5000U}) {
            BOOST_TEST_INFO_SCOPE("items " << count << ", chunk " << chunk);
            progress_listener a;
            pool.map(procpool::fn<square>, numbers(count),
                     {.chunk_size = chunk, .on_progress = a.function()});
            BOOST_TEST(a.told_the_end(items));
            progress_listener b;
            const auto result = pool.map_async([](int) {}, numbers(count),
                                               {.chunk_size = chunk, .on_progress = b.function()});
            result.wait();
            BOOST_TEST(b.told_the_end(items));
            progress_listener c;
            pool.starmap(procpool::fn<square>, std::vector<std::tuple<int>>(items),
                         {.chunk_size = chunk, .on_progress = c.function()});
            BOOST_TEST(c.told_the_end(items));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_end_is_told_before_the_end_of_a_stream) {
    procpool::pool pool(2);
    for (const int count : {0, 1, 2, 300})
        for (const bool in_order : {true, false}) {
            BOOST_TEST_INFO_SCOPE("items " << count);
            progress_listener a;
            const procpool::map_options options{.chunk_size = 3, .on_progress = a.function()};
            auto stream = in_order ? pool.imap(procpool::fn<square>, numbers(count), options)
                                   : pool.imap_unordered(procpool::fn<square>, numbers(count), options);
            while (stream.next())
                ;
            BOOST_TEST(a.told_the_end(static_cast<std::size_t>(count)));
            BOOST_TEST(!stream.next());
        }
}

BOOST_AUTO_TEST_CASE(the_end_is_told_once_all_is_done_though_nobody_looks_for_it) {
    procpool::pool pool(2);
    progress_listener a;
    auto stream =
        pool.imap(procpool::fn<square>, numbers(20), {.on_progress = a.function(), .max_in_flight = 20});
    BOOST_TEST(eventually([&] { return a.told_the_end(20); }));
    for (int i = 0; i != 20; ++i)
        BOOST_TEST(stream.next().value() == i * i);
}

BOOST_AUTO_TEST_CASE(failed_items_are_done_too) {
    procpool::pool pool(2);
    progress_listener a;
    BOOST_CHECK_THROW(pool.map(procpool::fn<not_for_three>, numbers(100), {.on_progress = a.function()}),
                      std::out_of_range);
    BOOST_TEST(a.told_the_end(100));
    progress_listener b;
    std::vector<odd_only> items;
    for (int i = 0; i != 10; ++i)
        items.push_back({i});
    const auto value = [](const odd_only& item) {
        return item.value;
    };
    BOOST_CHECK_THROW(pool.map(value, items, {.on_progress = b.function()}), std::domain_error);
    BOOST_TEST(b.told_the_end(10));
    progress_listener c;
    auto stream = pool.imap(value, items, {.on_progress = c.function()});
    for (int i = 0; i != 10; ++i) {
        if (i % 2 == 0)
            BOOST_CHECK_THROW(stream.next(), std::domain_error);
        else
            BOOST_TEST(stream.next().value() == i);
    }
    BOOST_TEST(!stream.next());
    BOOST_TEST(c.told_the_end(10));
}

BOOST_AUTO_TEST_CASE(abandoned_maps_are_told_of_their_end) {
    const temporary_folder folder;
    const std::vector<std::string> items(5, folder.file("never"));
    progress_listener a;
    progress_listener b;
    {
        procpool::pool pool(procpool::pool_options{.processes = 1, .terminate_grace = 10ms});
        auto cancelled = pool.map_async(procpool::fn<wait_for>, items, {.on_progress = a.function()});
        BOOST_TEST(cancelled.cancel());
        BOOST_CHECK_THROW(cancelled.get(), procpool::task_cancelled);
        BOOST_TEST(a.told_the_end(5));
        const auto abandoned = pool.map_async(procpool::fn<wait_for>, items, {.on_progress = b.function()});
        pool.terminate();
        BOOST_CHECK_THROW(abandoned.get(), procpool::pool_terminated);
        BOOST_TEST(b.told_the_end(5));
    }
}

BOOST_AUTO_TEST_CASE(it_is_told_on_the_way_and_numbers_do_not_fall) {
    procpool::pool pool(2);
    progress_listener a;
    const auto start = std::chrono::steady_clock::now();
    const auto endless = [&](procpool::result_stream<int> stream) {
        BOOST_TEST(eventually([&] {
            static_cast<void>(stream.next());
            return a.told().size() >= 3;
        }));
    };
    endless(pool.imap_unordered(procpool::fn<square>, std::vector<int>(50'000'000),
                                {.on_progress = a.function()}));
    const auto passed = std::chrono::steady_clock::now() - start;
    const auto told = a.told();
    for (std::size_t i = 1; i != told.size(); ++i)
        BOOST_TEST(told[i - 1].done <= told[i].done);
    for (const auto& each : told) {
        BOOST_TEST(each.done > 0U);
        BOOST_TEST((each.total == std::size_t{50'000'000}));
    }
    BOOST_TEST(static_cast<long>(told.size()) <= passed / 100ms); // never more often than that
}

BOOST_AUTO_TEST_CASE(the_total_is_unknown_until_the_input_has_ended) {
    procpool::pool pool(1);
    // Not a sized range.
    class until_told {
      public:
        explicit until_told(const progress_listener& to) : to_(&to) {}
        class iterator {
          public:
            using value_type = int;
            using difference_type = std::ptrdiff_t;
            explicit iterator(const progress_listener& to) : to_(&to) {}
            int operator*() const { return at_; }
            iterator& operator++() {
                ++at_;
                return *this;
            }
            void operator++(int) { ++at_; }
            bool operator==(std::default_sentinel_t) const { return !to_->told().empty(); }

          private:
            const progress_listener* to_;
            int at_ = 0;
        };
        iterator begin() const { return iterator(*to_); }
        std::default_sentinel_t end() const { return {}; }

      private:
        const progress_listener* to_;
    };
    progress_listener a;
    std::size_t items = 0;
    auto stream = pool.imap(procpool::fn<square>, until_told(a), {.on_progress = a.function()});
    while (stream.next())
        ++items;
    BOOST_TEST(!a.told().front().total);
    BOOST_TEST(a.told_the_end(items));
}

BOOST_AUTO_TEST_CASE(it_is_told_on_the_executor_and_never_by_the_caller) {
    progress_listener own;
    {
        procpool::pool pool(2);
        pool.map(procpool::fn<square>, numbers(100), {.on_progress = own.function()});
        BOOST_TEST((own.threads().at(0) != std::this_thread::get_id()));
    }
    boost::asio::io_context io;
    auto work = boost::asio::make_work_guard(io);
    std::thread runs([&] { io.run(); });
    {
        procpool::pool pool(procpool::pool_options{.processes = 2, .executor = io.get_executor()});
        progress_listener a;
        pool.map(procpool::fn<square>, numbers(100), {.on_progress = a.function()});
        BOOST_TEST((a.threads().at(0) == runs.get_id()));
    }
    work.reset();
    runs.join();
}

BOOST_AUTO_TEST_CASE(what_it_throws_is_reported_and_harms_nothing) {
    std::atomic<int> reported{0};
    procpool::set_unhandled([&](const std::exception_ptr& what) {
        try {
            std::rethrow_exception(what);
        } catch (const std::logic_error&) {
            ++reported;
        }
    });
    const procpool::map_options options{.on_progress = [](const procpool::progress&) {
        throw std::logic_error("told too much");
    }};
    {
        procpool::pool pool(2);
        BOOST_TEST((pool.map(procpool::fn<square>, numbers(3), options) == std::vector{0, 1, 4}));
        BOOST_TEST(reported >= 1);
        const int before = reported;
        auto stream = pool.imap(procpool::fn<square>, numbers(3), options);
        for (int i = 0; i != 3; ++i)
            BOOST_TEST(stream.next().value() == i * i);
        BOOST_TEST(!stream.next());
        BOOST_TEST(reported > before);
    }
    procpool::set_unhandled({});
}

BOOST_AUTO_TEST_CASE(it_is_released_with_its_last_call) {
    procpool::pool pool(2);
    auto kept = std::make_shared<int>(0);
    const auto result =
        pool.map_async(procpool::fn<square>, numbers(10), {.on_progress = [kept](const procpool::progress&) {
                       }});
    auto stream =
        pool.imap(procpool::fn<square>, numbers(10), {.on_progress = [kept](const procpool::progress&) {
                  }});
    result.wait();
    while (stream.next())
        ;
    BOOST_TEST(eventually([&] { return kept.use_count() == 1; }));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
