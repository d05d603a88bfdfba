// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <numeric>
#include <optional>
#include <ranges>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <unistd.h>

// imap and imap_unordered: results as they are wanted, input as it is needed.
using namespace std::chrono_literals;
using procpool::test::eventually;
using procpool::test::temporary_folder;

namespace {

using order = std::vector<int>;

int square(int n) {
    return n * n;
}

/// Fails for every third number.
int not_for_three(int n) {
    if (n % 3 == 0)
        throw std::out_of_range("no " + std::to_string(n));
    return n;
}

/// Waits for a file of this name, unless the name is empty.
std::string wait_for(std::string path) {
    if (!path.empty() && !procpool::test::wait_for_file(path))
        throw std::runtime_error("the file never came");
    return path;
}

/// Leaves a line in a file; then waits for another file.
void leave_a_line(std::pair<std::string, std::string> files) {
    procpool::test::append_line(files.first, std::to_string(::getpid()));
    wait_for(files.second);
}

int exit_at_five(int n) {
    if (n == 5)
        ::_exit(0);
    return n;
}

/// Exits when it sees that number for the first time.
int exit_once(std::pair<std::string, int> at) {
    if (at.second == 5 && !procpool::test::exists(at.first)) {
        procpool::test::append_line(at.first, "seen");
        ::_exit(3);
    }
    return at.second;
}

/// Numbers from 0, that count how many of them were read and know who did: without an end, or up to one, or
/// up to where reading throws. A single-pass range.
class counting {
  public:
    struct account {
        int pulled = 0;
        std::set<std::thread::id> readers;
    };
    explicit counting(account& of, int end = -1, int broken = -1)
        : account_(&of)
        , end_(end)
        , broken_(broken) {}
    counting(counting&&) = default;
    counting& operator=(counting&&) = default;

    class iterator {
      public:
        using value_type = int;
        using difference_type = std::ptrdiff_t;
        explicit iterator(counting& of) : of_(&of) { read(); }
        iterator(iterator&&) = default;
        iterator& operator=(iterator&&) = default;
        int operator*() const { return at_; }
        iterator& operator++() {
            ++at_;
            read();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return at_ == of_->end_; }

      private:
        void read() {
            if (at_ == of_->broken_)
                throw 42; // of any type
            if (at_ == of_->end_)
                return;
            ++of_->account_->pulled;
            of_->account_->readers.insert(std::this_thread::get_id());
        }
        counting* of_;
        int at_ = 0;
    };
    iterator begin() { return iterator(*this); }
    std::default_sentinel_t end() const { return {}; }

  private:
    account* account_;
    int end_;
    int broken_;
};

struct cannot_be_sent {
    int value;
};

int value_of(const cannot_be_sent& item) {
    return item.value;
}

order numbers(int count) {
    order out(static_cast<std::size_t>(count));
    std::iota(out.begin(), out.end(), 0);
    return out;
}

order squares(int count) {
    auto out = numbers(count);
    for (int& each : out)
        each *= each;
    return out;
}

template <class R>
std::vector<R> rest_of(procpool::result_stream<R>& stream) {
    std::vector<R> out;
    while (auto each = stream.next())
        out.push_back(std::move(*each));
    return out;
}

template <class R>
std::vector<R> all_of(procpool::result_stream<R> stream) {
    return rest_of(stream);
}

order sorted(order values) {
    std::sort(values.begin(), values.end());
    return values;
}

void create(const std::string& path) {
    procpool::test::append_line(path, "");
}

} // namespace

template <>
struct procpool::codec<cannot_be_sent> {
    static void encode(encoder& out, const cannot_be_sent& value) {
        if (value.value < 0)
            throw std::domain_error("less than nothing");
        out.write(value.value);
    }
    static cannot_be_sent decode(decoder& in) { return {in.read<int>()}; }
};

BOOST_FIXTURE_TEST_SUITE(imap, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(results_come_in_the_order_of_the_input) {
    procpool::pool pool(2);
    for (const int count : {0, 1, 2, 5, 64, 1000}) {
        BOOST_TEST_INFO_SCOPE("items " << count);
        BOOST_TEST((all_of(pool.imap(procpool::fn<square>, numbers(count))) == squares(count)));
    }
}

BOOST_AUTO_TEST_CASE(unordered_results_come_once_each) {
    procpool::pool pool(2);
    for (const int count : {0, 1, 2, 5, 64, 1000}) {
        BOOST_TEST_INFO_SCOPE("items " << count);
        BOOST_TEST(
            (sorted(all_of(pool.imap_unordered(procpool::fn<square>, numbers(count)))) == squares(count)));
    }
}

BOOST_AUTO_TEST_CASE(chunks_and_windows_do_not_change_results) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 3U, 100U, 5000U})
        for (const std::size_t ahead : {1U, 2U, 7U, 64U, 1000U, 100'000U}) {
            BOOST_TEST_INFO_SCOPE("chunk " << chunk << ", ahead " << ahead);
            const procpool::map_options options{.chunk_size = chunk, .max_in_flight = ahead};
            BOOST_TEST((all_of(pool.imap(procpool::fn<square>, numbers(700), options)) == squares(700)));
            BOOST_TEST((sorted(all_of(pool.imap_unordered(procpool::fn<square>, numbers(700), options))) ==
                        squares(700)));
        }
}

BOOST_AUTO_TEST_CASE(unordered_results_come_when_they_are_there) {
    const temporary_folder folder;
    procpool::pool pool(2);
    const std::vector<std::string> items{folder.file("gate"), "", "", "", "", ""};
    auto stream = pool.imap_unordered(procpool::fn<wait_for>, items);
    for (int i = 0; i != 5; ++i)
        BOOST_TEST(stream.next().value().empty());
    create(folder.file("gate"));
    BOOST_TEST(stream.next().value() == folder.file("gate"));
    BOOST_TEST(!stream.next());
}

BOOST_AUTO_TEST_CASE(ordered_results_wait_for_their_turn) {
    const temporary_folder folder;
    procpool::pool pool(2);
    const std::vector<std::string> items{folder.file("gate"), "", ""};
    auto stream = pool.imap(procpool::fn<wait_for>, items);
    BOOST_CHECK_THROW(stream.next(0ms), procpool::wait_timeout);
    create(folder.file("gate"));
    BOOST_TEST(stream.next().value() == folder.file("gate"));
    BOOST_TEST((rest_of(stream) == std::vector<std::string>(2)));
}

BOOST_AUTO_TEST_CASE(input_is_pulled_no_further_ahead_than_allowed) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 3U})
        for (const std::size_t ahead : {1U, 2U, 5U, 100U}) {
            BOOST_TEST_INFO_SCOPE("chunk " << chunk << ", ahead " << ahead);
            counting::account account;
            const procpool::map_options options{.chunk_size = chunk, .max_in_flight = ahead};
            auto stream = pool.imap(procpool::fn<square>, counting(account), options);
            auto unordered = pool.imap_unordered(procpool::fn<square>, counting(account), options);
            int too_far = 0;
            for (int read = 0; read != 300; ++read) {
                too_far += account.pulled > 2 * (read + static_cast<int>(ahead));
                BOOST_REQUIRE(stream.next() == read * read);
                BOOST_REQUIRE(unordered.next().has_value());
            }
            BOOST_TEST(too_far == 0);
        }
}

BOOST_AUTO_TEST_CASE(each_item_that_is_read_frees_one) {
    procpool::pool pool(3);
    counting::account account;
    auto stream = pool.imap(procpool::fn<square>, counting(account));
    for (int read = 0; read != 50; ++read) {
        BOOST_REQUIRE(stream.next() == read * read);
        BOOST_REQUIRE(account.pulled == std::max(6, read + 6)); // twice the workers
    }
}

BOOST_AUTO_TEST_CASE(items_that_fail_free_their_places_too) {
    procpool::pool pool(2);
    counting::account account;
    auto stream = pool.imap([](int) -> int { throw std::runtime_error("no"); }, counting(account));
    for (int read = 0; read != 200; ++read)
        BOOST_REQUIRE_THROW(stream.next(), std::runtime_error);
    BOOST_TEST(account.pulled <= 204);
}

BOOST_AUTO_TEST_CASE(the_thread_that_reads_pulls_the_input) {
    procpool::pool pool(2);
    counting::account account;
    auto stream = pool.imap(procpool::fn<square>, counting(account, 100));
    BOOST_TEST((account.readers == std::set{std::this_thread::get_id()}));
    account.readers.clear();
    std::thread::id reader;
    std::thread([&] {
        reader = std::this_thread::get_id();
        BOOST_TEST((rest_of(stream) == squares(100)));
    }).join();
    BOOST_TEST((account.readers == std::set{reader}));
}

BOOST_AUTO_TEST_CASE(an_input_that_throws_ends_the_stream_after_what_was_before) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 4U})
        for (const int broken : {0, 1, 3, 50}) {
            BOOST_TEST_INFO_SCOPE("chunk " << chunk << ", broken at " << broken);
            counting::account account;
            auto stream = pool.imap(procpool::fn<square>, counting(account, 100, broken),
                                    {.chunk_size = chunk, .max_in_flight = 8});
            for (int i = 0; i != broken; ++i)
                BOOST_TEST(stream.next().value() == i * i);
            BOOST_CHECK_EXCEPTION(stream.next(), int, [](int thrown) { return thrown == 42; });
            BOOST_TEST(!stream.next());
            BOOST_TEST(!stream.next());
        }
}

BOOST_AUTO_TEST_CASE(an_item_that_fails_throws_in_its_place) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 2U, 10U}) {
        auto stream = pool.imap(procpool::fn<not_for_three>, numbers(20), {.chunk_size = chunk});
        for (int i = 0; i != 20; ++i) {
            if (i % 3 != 0) {
                BOOST_TEST(stream.next().value() == i);
                continue;
            }
            try {
                static_cast<void>(stream.next());
                BOOST_ERROR("it does not throw");
            } catch (const std::out_of_range& e) {
                BOOST_TEST(e.what() == "no " + std::to_string(i));
                const auto* info = procpool::get_remote_info(e);
                BOOST_REQUIRE(info);
                BOOST_TEST(info->item_index.value() == static_cast<std::size_t>(i));
            }
        }
        BOOST_TEST(!stream.next());
    }
}

BOOST_AUTO_TEST_CASE(an_iterator_throws_when_it_is_read_and_goes_on) {
    procpool::pool pool(2);
    auto stream = pool.imap(procpool::fn<not_for_three>, numbers(10));
    order good;
    int bad = 0;
    for (auto it = stream.begin(); it != stream.end(); ++it) {
        try {
            good.push_back(*it);
        } catch (const std::out_of_range&) {
            ++bad;
        }
    }
    BOOST_TEST((good == order{1, 2, 4, 5, 7, 8}));
    BOOST_TEST(bad == 4);
}

BOOST_AUTO_TEST_CASE(an_item_that_cannot_be_sent_fails_in_its_place) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 3U, 100U}) {
        std::vector<cannot_be_sent> items;
        for (int i = 0; i != 40; ++i)
            items.push_back({i < 10 || i >= 30 ? i : -1}); // twenty in a row
        auto stream = pool.imap(procpool::fn<value_of>, items, {.chunk_size = chunk});
        for (int i = 0; i != 40; ++i) {
            if (items[static_cast<std::size_t>(i)].value < 0)
                BOOST_CHECK_THROW(stream.next(), std::domain_error);
            else
                BOOST_TEST(stream.next().value() == i);
        }
        BOOST_TEST(!stream.next());
    }
}

BOOST_AUTO_TEST_CASE(a_worker_that_dies_costs_its_item_alone) {
    procpool::pool pool(2);
    for (const std::size_t chunk : {1U, 8U}) {
        auto stream = pool.imap(procpool::fn<exit_at_five>, numbers(20), {.chunk_size = chunk});
        for (int i = 0; i != 20; ++i) {
            if (i == 5)
                BOOST_CHECK_THROW(stream.next(), procpool::worker_lost);
            else
                BOOST_TEST(stream.next().value() == i);
        }
        BOOST_TEST(!stream.next());
    }
}

BOOST_AUTO_TEST_CASE(retries_are_for_each_item) {
    const temporary_folder folder;
    procpool::pool pool(2);
    std::vector<std::pair<std::string, int>> items;
    for (int i = 0; i != 10; ++i)
        items.emplace_back(folder.file("seen"), i);
    BOOST_TEST((all_of(pool.imap(procpool::fn<exit_once>, items, {.retries = 1})) == numbers(10)));
}

BOOST_AUTO_TEST_CASE(a_time_out_is_for_each_item) {
    const temporary_folder folder;
    procpool::pool pool(procpool::pool_options{.processes = 2, .terminate_grace = 10ms});
    const std::vector<std::string> items{"", folder.file("never"), "", ""};
    auto stream = pool.imap(procpool::fn<wait_for>, items, {.chunk_size = 4, .timeout = 300ms});
    BOOST_TEST(stream.next().value().empty());
    BOOST_CHECK_THROW(stream.next(), procpool::task_timeout);
    BOOST_TEST(stream.next().value().empty());
    BOOST_TEST(stream.next().value().empty());
    BOOST_TEST(!stream.next());
}

BOOST_AUTO_TEST_CASE(a_wait_that_ends_too_early_loses_nothing) {
    const temporary_folder folder;
    procpool::pool pool(2);
    const std::vector<std::string> items(3, folder.file("gate"));
    for (const bool in_order : {true, false}) {
        auto stream = in_order ? pool.imap(procpool::fn<wait_for>, items, {.max_in_flight = 2})
                               : pool.imap_unordered(procpool::fn<wait_for>, items, {.max_in_flight = 2});
        for (int i = 0; i != 3; ++i) {
            BOOST_CHECK_THROW(stream.next(0ms), procpool::wait_timeout);
            BOOST_CHECK_THROW(stream.next(-1h), procpool::wait_timeout);
            BOOST_CHECK_THROW(stream.next(2ms), procpool::wait_timeout);
        }
        create(folder.file("gate"));
        BOOST_TEST(stream.next(1h).value() == folder.file("gate"));
        BOOST_TEST(stream.next(std::chrono::duration<double>(1e30)).value() == folder.file("gate"));
        BOOST_TEST(stream.next().value() == folder.file("gate"));
        BOOST_TEST(!stream.next(0ms));
        ::unlink(folder.file("gate").c_str());
    }
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused) {
    procpool::pool pool(1);
    for (const int count : {0, 3}) {
        BOOST_CHECK_THROW(pool.imap(procpool::fn<square>, numbers(count), {.chunk_size = 0}),
                          std::invalid_argument);
        BOOST_CHECK_THROW(pool.imap(procpool::fn<square>, numbers(count), {.max_in_flight = 0}),
                          std::invalid_argument);
        BOOST_CHECK_THROW(pool.imap_unordered(procpool::fn<square>, numbers(count), {.timeout = 0ms}),
                          std::invalid_argument);
    }
    BOOST_TEST((all_of(pool.imap(procpool::fn<square>, numbers(3))) == squares(3)));
}

BOOST_AUTO_TEST_CASE(a_stream_is_an_input_range) {
    using stream = procpool::result_stream<std::string>;
    static_assert(std::ranges::input_range<stream>);
    static_assert(!std::ranges::forward_range<stream>);
    static_assert(std::same_as<std::ranges::range_value_t<stream>, std::string>);
    static_assert(std::movable<stream> && !std::copyable<stream>);
    static_assert(std::same_as<decltype(std::declval<stream&>().next()), std::optional<std::string>>);
    procpool::pool pool(2);
    int sum = 0;
    for (const int each : pool.imap(procpool::fn<square>, numbers(10)))
        sum += each;
    BOOST_TEST(sum == 285);
    order out;
    std::ranges::copy(pool.imap(procpool::fn<square>, numbers(10)), std::back_inserter(out));
    BOOST_TEST((out == squares(10)));
}

#if !defined(__clang__) || __clang_major__ >= 16 // which understands libstdc++'s views
BOOST_AUTO_TEST_CASE(a_stream_works_with_views) {
    procpool::pool pool(2);
    counting::account account;
    const auto even = [](int n) {
        return n % 2 == 0;
    };
    order out;
    for (const int each : pool.imap(procpool::fn<square>, counting(account)) | std::views::filter(even) |
                              std::views::transform([](int n) { return n + 1; }) | std::views::take(4))
        out.push_back(each);
    BOOST_TEST((out == order{1, 5, 17, 37}));
    auto stream = pool.imap(procpool::fn<square>, std::views::iota(0) | std::views::take(6));
    out.clear();
    for (const int each : stream | std::views::drop(2) | std::views::take(2))
        out.push_back(each);
    BOOST_TEST((out == order{4, 9}));
    BOOST_TEST((rest_of(stream) == order{16, 25}));
}
#endif

BOOST_AUTO_TEST_CASE(next_and_iterators_share_one_place) {
    procpool::pool pool(2);
    auto stream = pool.imap(procpool::fn<square>, numbers(8));
    BOOST_TEST(stream.next().value() == 0);
    for (const int each : stream) {
        BOOST_TEST(each == 1);
        break;
    }
    BOOST_TEST(stream.next().value() == 4);
    auto it = stream.begin();
    BOOST_TEST((it != stream.end())); // a look, and no reading
    BOOST_TEST(stream.next().value() == 9);
    it = stream.begin();
    ++it; // without reading 16
    BOOST_TEST(*it == 25);
    BOOST_TEST(*it == 25);
    BOOST_TEST(*stream.begin() == 36);
    BOOST_TEST((rest_of(stream) == order{49}));
    BOOST_TEST((stream.begin() == stream.end()));
}

BOOST_AUTO_TEST_CASE(going_on_does_not_wait_for_what_nobody_reads) {
    const temporary_folder folder;
    procpool::pool pool(2);
    const std::vector<std::string> items{"", folder.file("gate")};
    auto stream = pool.imap(procpool::fn<wait_for>, items);
    auto it = stream.begin();
    BOOST_TEST((*it).empty());
    ++it; // would hang
    create(folder.file("gate"));
    BOOST_TEST(*it == folder.file("gate"));
}

BOOST_AUTO_TEST_CASE(results_that_can_only_be_moved_are_moved) {
    procpool::pool pool(2);
    const auto make = [](int n) {
        return std::make_unique<int>(n);
    };
    auto stream = pool.imap(make, numbers(4));
    std::unique_ptr<int> first = stream.next().value();
    BOOST_TEST(*first == 0);
    std::vector<std::unique_ptr<int>> rest;
    for (auto& each : stream)
        rest.push_back(std::move(each));
    BOOST_TEST(rest.size() == 3U);
    BOOST_TEST(*rest[2] == 3);
}

BOOST_AUTO_TEST_CASE(tasks_without_a_result_say_that_they_are_done) {
    procpool::pool pool(2);
    const auto task = [](int n) {
        if (n == 2)
            throw std::runtime_error("two");
    };
    auto stream = pool.imap(task, numbers(4));
    static_assert(std::same_as<decltype(stream.next()), bool>);
    BOOST_TEST(stream.next());
    BOOST_TEST(stream.next(1h));
    BOOST_CHECK_THROW(stream.next(), std::runtime_error);
    BOOST_TEST(stream.next());
    BOOST_TEST(!stream.next());
    BOOST_TEST(std::ranges::distance(pool.imap_unordered([](int) {}, numbers(100), {.chunk_size = 7})) ==
               100);
}

BOOST_AUTO_TEST_CASE(a_container_is_kept_by_reference_and_a_temporary_by_value) {
    procpool::pool pool(2);
    order items = numbers(100);
    auto stream = pool.imap(procpool::fn<square>, items, {.max_in_flight = 1});
    items.back() = 5; // not pulled yet
    order expected = squares(100);
    expected.back() = 25;
    BOOST_TEST((rest_of(stream) == expected));
    auto owner = pool.imap(procpool::fn<square>, order(items), {.max_in_flight = 1});
    items.assign(100, 0);
    BOOST_TEST((rest_of(owner) == expected));
    int array[] = {1, 2, 3};
    BOOST_TEST((all_of(pool.imap(procpool::fn<square>, array)) == order{1, 4, 9}));
}

BOOST_AUTO_TEST_CASE(a_stream_may_be_moved_and_its_source_is_empty) {
    procpool::pool pool(2);
    auto stream = pool.imap(procpool::fn<square>, numbers(10));
    BOOST_TEST(stream.next().value() == 0);
    auto other = std::move(stream);
    BOOST_TEST(other.next().value() == 1);
    stream = pool.imap(procpool::fn<square>, numbers(2));
    std::swap(stream, other);
    BOOST_TEST((rest_of(other) == order{0, 1}));
    BOOST_TEST(stream.next().value() == 4);
    other = std::move(stream); // drops the one that is read
    BOOST_TEST(other.next().value() == 9);
}

BOOST_AUTO_TEST_CASE(streams_can_be_read_alternately) {
    procpool::pool pool(2);
    auto a = pool.imap(procpool::fn<square>, numbers(200));
    auto b = pool.imap_unordered(procpool::fn<square>, numbers(200), {.chunk_size = 4});
    order from_b;
    for (int i = 0; i != 200; ++i) {
        BOOST_REQUIRE(a.next() == i * i);
        from_b.push_back(b.next().value());
        BOOST_REQUIRE(pool.apply(procpool::fn<square>, i) == i * i);
    }
    BOOST_TEST(!a.next());
    BOOST_TEST((sorted(from_b) == squares(200)));
}

BOOST_AUTO_TEST_CASE(streams_can_be_read_in_several_threads) {
    procpool::pool pool(2);
    std::vector<std::thread> readers;
    std::atomic<int> right{0};
    for (int i = 0; i != 4; ++i)
        readers.emplace_back([&, i] {
            const procpool::map_options options{.chunk_size = std::size_t(1 + i), .max_in_flight = 100};
            right += all_of(pool.imap(procpool::fn<square>, numbers(2000), options)) == squares(2000);
            right += sorted(all_of(pool.imap_unordered(procpool::fn<square>, numbers(2000), options))) ==
                     squares(2000);
        });
    for (auto& each : readers)
        each.join();
    BOOST_TEST(right == 8);
}

BOOST_AUTO_TEST_CASE(memory_stays_flat_whatever_the_number_of_items) {
    const auto resident = [] {
        std::ifstream status("/proc/self/statm");
        long all = 0;
        long resident_pages = 0;
        status >> all >> resident_pages;
        return resident_pages * ::sysconf(_SC_PAGESIZE);
    };
    procpool::pool pool(2);
    counting::account account;
    auto stream = pool.imap([](int n) { return n; }, counting(account, 1'000'000), {.chunk_size = 32});
    const auto read = [&](int from, int to) {
        int wrong = 0;
        for (int i = from; i != to; ++i)
            wrong += stream.next() != i;
        return wrong;
    };
    BOOST_TEST(read(0, 50'000) == 0);
    const auto before = resident();
    BOOST_TEST(read(50'000, 1'000'000) == 0);
    BOOST_TEST(resident() - before < 8 * 1024 * 1024); // one byte for each item would be seen
    BOOST_TEST(!stream.next());
}

BOOST_AUTO_TEST_CASE(dropping_a_stream_takes_back_what_has_not_started) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const auto pid = pool.apply([] { return static_cast<long>(::getpid()); });
    {
        const std::vector<std::pair<std::string, std::string>> items(
            20, {folder.file("ran"), folder.file("gate")});
        auto stream = pool.imap(procpool::fn<leave_a_line>, items, {.max_in_flight = 20});
        BOOST_TEST(procpool::test::wait_for_lines(folder.file("ran"), 1));
    } // does not wait for the one that runs
    create(folder.file("gate"));
    BOOST_TEST(pool.apply(procpool::fn<square>, 3) == 9);
    BOOST_TEST(procpool::test::lines_of(folder.file("ran")).size() == 1U);
    BOOST_TEST(pool.apply([] { return static_cast<long>(::getpid()); }) == pid);
}

BOOST_AUTO_TEST_CASE(dropping_half_read_streams_leaves_the_pool_as_it_was) {
    procpool::pool pool(2);
    const auto children = procpool::test::belongings::now().children;
    for (int i = 0; i != 200; ++i) {
        counting::account account;
        const procpool::map_options options{.chunk_size = std::size_t(1 + i % 3), .max_in_flight = 50};
        auto stream = i % 2 == 0 ? pool.imap(procpool::fn<square>, counting(account), options)
                                 : pool.imap_unordered(procpool::fn<square>, counting(account), options);
        for (int k = 0; k != i % 7; ++k)
            BOOST_REQUIRE(stream.next().has_value());
    }
    BOOST_TEST((pool.map(procpool::fn<square>, numbers(1000)) == squares(1000)));
    BOOST_TEST((procpool::test::belongings::now().children == children));
    pool.close();
    pool.join();
}

BOOST_AUTO_TEST_CASE(no_stream_is_made_of_a_closed_pool) {
    procpool::pool pool(1);
    pool.close();
    for (const int count : {0, 3}) {
        BOOST_CHECK_THROW(pool.imap(procpool::fn<square>, numbers(count)), procpool::pool_closed);
        BOOST_CHECK_THROW(pool.imap_unordered(procpool::fn<square>, numbers(count)), procpool::pool_closed);
    }
    pool.terminate();
    BOOST_CHECK_THROW(pool.imap(procpool::fn<square>, numbers(3)), procpool::pool_closed);
}

BOOST_AUTO_TEST_CASE(a_stream_goes_on_when_the_pool_is_closed) {
    procpool::pool pool(2);
    auto stream = pool.imap(procpool::fn<square>, numbers(500));
    auto other = pool.imap_unordered(procpool::fn<square>, numbers(500));
    BOOST_TEST(stream.next().value() == 0);
    pool.close();
    BOOST_TEST(rest_of(stream).size() == 499U);
    BOOST_TEST((sorted(rest_of(other)) == squares(500)));
    pool.join();
    BOOST_TEST(!stream.next());
}

BOOST_AUTO_TEST_CASE(a_closed_pool_ends_when_its_last_stream_has_nothing_to_pull) {
    procpool::pool pool(2);
    const auto gone = [&] {
        const auto workers = pool.workers();
        return std::all_of(workers.begin(), workers.end(), [](const auto& each) { return each.pid == 0; });
    };
    counting::account account;
    {
        auto stream = pool.imap(procpool::fn<square>, counting(account));
        pool.close();
        for (int i = 0; i != 20; ++i)
            BOOST_TEST(stream.next().value() == i * i);
        BOOST_TEST(!gone());
    }
    BOOST_TEST(eventually(gone));
}

BOOST_AUTO_TEST_CASE(joining_does_not_wait_for_a_reader) {
    procpool::pool pool(2);
    counting::account account;
    auto stream = pool.imap(procpool::fn<square>, counting(account), {.max_in_flight = 10});
    BOOST_TEST(stream.next().value() == 0);
    pool.close();
    pool.join();
    const int pulled = account.pulled;
    for (int i = 1; i != pulled; ++i)
        BOOST_TEST(stream.next().value() == i * i);
    BOOST_CHECK_THROW(stream.next(), procpool::pool_closed);
    BOOST_TEST(!stream.next());
}

BOOST_AUTO_TEST_CASE(terminating_wakes_a_reader_and_keeps_what_has_arrived) {
    const temporary_folder folder;
    for (const bool in_order : {true, false}) {
        procpool::pool pool(2);
        std::vector<std::string> items(6);
        items[4] = items[5] = folder.file("never");
        auto stream = in_order ? pool.imap(procpool::fn<wait_for>, items, {.max_in_flight = 6})
                               : pool.imap_unordered(procpool::fn<wait_for>, items, {.max_in_flight = 6});
        const auto done = [&] {
            std::size_t out = 0;
            for (const auto& each : pool.workers())
                out += each.tasks_done;
            return out == 4;
        };
        BOOST_TEST(eventually(done));
        pool.terminate();
        for (int i = 0; i != 4; ++i)
            BOOST_TEST(stream.next().value().empty());
        BOOST_CHECK_THROW(stream.next(), procpool::pool_terminated);
        BOOST_CHECK_THROW(stream.next(), procpool::pool_terminated);
        BOOST_TEST(!stream.next());
    }
    procpool::pool pool(1);
    auto stream = pool.imap(procpool::fn<wait_for>, std::vector<std::string>{folder.file("never")});
    std::atomic<bool> woken{false};
    std::thread reader([&] {
        BOOST_CHECK_THROW(stream.next(), procpool::pool_terminated);
        woken = true;
    });
    pool.terminate();
    reader.join();
    BOOST_TEST(woken);
}

BOOST_AUTO_TEST_CASE(an_endless_input_ends_when_the_pool_is_terminated) {
    procpool::pool pool(2);
    counting::account account;
    auto stream = pool.imap(procpool::fn<square>, counting(account), {.max_in_flight = 5});
    BOOST_TEST(stream.next().value() == 0);
    pool.terminate();
    int reads = 0;
    int failed = 0;
    for (bool over = false; !over && reads != 1000; ++reads) {
        try {
            over = !stream.next();
        } catch (const procpool::pool_terminated&) {
            ++failed;
        }
    }
    BOOST_TEST(reads <= 7);
    BOOST_TEST(failed >= 1);
}

BOOST_AUTO_TEST_CASE(a_stream_may_outlive_its_pool) {
    counting::account account;
    std::optional<procpool::result_stream<int>> stream;
    {
        procpool::pool pool(2);
        stream = pool.imap(procpool::fn<square>, numbers(10), {.max_in_flight = 10});
        pool.close();
        pool.join();
    }
    BOOST_TEST((rest_of(*stream) == squares(10)));
    {
        procpool::pool pool(2);
        stream = pool.imap(procpool::fn<square>, counting(account));
        BOOST_TEST(stream->next().value() == 0);
    }
    BOOST_CHECK_THROW(
        {
            for (int i = 0; i != 100; ++i)
                static_cast<void>(stream->next());
        },
        procpool::pool_terminated);
}

BOOST_AUTO_TEST_CASE(a_stream_may_be_read_in_a_callback) {
    procpool::pool pool(2);
    std::atomic<bool> right{false};
    auto result = pool.apply_async(procpool::fn<square>, 2);
    result.on_success([&](int) {
        right = all_of(pool.imap(procpool::fn<square>, numbers(50),
                                 {.on_progress = [](const procpool::progress&) {
                                 }})) == squares(50);
    });
    BOOST_TEST(eventually([&] { return right.load(); }));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
