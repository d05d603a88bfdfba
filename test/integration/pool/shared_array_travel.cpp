// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"
#include "support/shared_arrays.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/use_future.hpp>
#include <boost/describe/class.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <map>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

// A shared_array in all types that can contain it.
using namespace procpool::test;
using procpool::shared_array;

namespace {

struct experiment {
    std::string name;
    shared_array<double> field;
    std::vector<ints> steps;
    std::optional<ints> mask;
};

class described {
  public:
    described() = default;
    explicit described(ints array) : array_(std::move(array)) {}
    const ints& array() const { return array_; }

  private:
    ints array_;
    BOOST_DESCRIBE_CLASS(described, (), (), (), (array_))
};

/// A type with a codec of its own.
class picture {
  public:
    explicit picture(int width, ints pixels) : width_(width), pixels_(std::move(pixels)) {}
    int width() const { return width_; }
    const ints& pixels() const { return pixels_; }

  private:
    int width_;
    ints pixels_;
};

class half_done : public std::runtime_error {
  public:
    explicit half_done(ints so_far) : std::runtime_error("half done"), so_far_(std::move(so_far)) {}
    const ints& so_far() const { return so_far_; }

  private:
    ints so_far_;
};

namespace work {

int sum(const ints& array) {
    return sum_of(array);
}
void fill(const ints& array, int value) {
    std::fill(array.span().begin(), array.span().end(), value);
}
ints make(std::size_t size, int from) {
    return counted(size, from);
}
ints echo(const ints& array) {
    return array;
}
bool is_one_mapping(const std::vector<ints>& arrays) {
    return std::all_of(arrays.begin(), arrays.end(),
                       [&](const ints& each) { return each.data() == arrays[0].data(); });
}
experiment run(experiment what) {
    std::fill(what.field.span().begin(), what.field.span().end(), 0.5);
    for (auto& each : what.steps)
        each.data()[0] = 7;
    what.mask->data()[0] = 8;
    what.steps.push_back(counted(3));
    return what;
}
int throws(const ints& array) {
    array.data()[0] = 4;
    throw half_done(array);
}
int throws_new(std::size_t size) {
    throw half_done(counted(size));
}

} // namespace work

} // namespace

template <>
struct procpool::codec<picture> {
    static void encode(procpool::encoder& out, const picture& value) {
        out.write(value.width());
        out.write(value.pixels());
    }
    static picture decode(procpool::decoder& in) {
        const auto width = in.read<int>();
        return picture(width, in.read<ints>());
    }
};
template <>
struct procpool::codec<half_done> {
    static void encode(procpool::encoder& out, const half_done& value) { out.write(value.so_far()); }
    static half_done decode(procpool::decoder& in) { return half_done(in.read<ints>()); }
};

BOOST_FIXTURE_TEST_SUITE(shared_array_travel, nothing_left_behind)

BOOST_AUTO_TEST_CASE(it_travels_inside_of_other_values) {
    procpool::pool pool(1);
    const auto kept = counted(3);
    const experiment before{"e", shared_array<double>(4), {counted(10), kept}, counted(1)};
    const auto after = pool.apply(procpool::fn<work::run>, before);
    BOOST_TEST(before.field.data()[3] == 0.5);
    BOOST_TEST(before.steps[0].data()[0] == 7);
    BOOST_TEST(kept.data()[0] == 7);
    BOOST_TEST(before.mask->data()[0] == 8);
    BOOST_TEST_REQUIRE(after.steps.size() == 3U);
    BOOST_TEST(after.field.data() == before.field.data());
    BOOST_TEST(after.steps[1].data() == kept.data());
    BOOST_TEST(sum_of(after.steps[2]) == 6);

    const auto in_all = [](const std::map<int, ints>& by_number, const std::variant<int, ints>& either,
                           const std::tuple<ints, int>& both) {
        return sum_of(by_number.at(1)) + sum_of(std::get<1>(either)) + sum_of(std::get<0>(both));
    };
    BOOST_TEST(pool.apply(in_all, std::map<int, ints>{{1, kept}}, std::variant<int, ints>(kept),
                          std::tuple(kept, 1)) == 36);
}

BOOST_AUTO_TEST_CASE(it_travels_in_classes_that_are_described_or_have_a_codec) {
    procpool::pool pool(1);
    BOOST_TEST(pool.apply([](const described& of) { return sum_of(of.array()); }, described(counted(4))) ==
               10);
    const auto grown = pool.apply([](const picture& of) { return picture(of.width() + 1, counted(5)); },
                                  picture(1, ints(2)));
    BOOST_TEST(grown.width() == 2);
    BOOST_TEST(sum_of(grown.pixels()) == 15);
}

BOOST_AUTO_TEST_CASE(a_function_object_may_hold_it) {
    struct look_up {
        ints table;
        int operator()(std::size_t at) const { return table.data()[at]; }
    };
    procpool::pool pool(2);
    const auto found = pool.map(look_up{counted(100)}, std::vector<std::size_t>{0, 50, 99});
    BOOST_TEST(found == (std::vector{1, 51, 100}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_result_goes_on_into_another_worker) {
    procpool::pool a(1);
    procpool::pool b(1);
    const auto made = a.apply_async(procpool::fn<work::make>, 100U, 1);
    b.apply(procpool::fn<work::fill>, made.get(), 5);
    BOOST_TEST(sum_of(made.get()) == 500);
    BOOST_TEST(a.apply(procpool::fn<work::sum>, made.get()) == 500);
}

BOOST_AUTO_TEST_CASE(what_comes_back_is_the_same_array) {
    procpool::pool pool(1);
    const auto array = counted(10);
    BOOST_TEST(pool.apply(procpool::fn<work::echo>, array).data() == array.data());
    BOOST_TEST(pool.apply(procpool::fn<work::is_one_mapping>, std::vector(5, array)));
}

BOOST_AUTO_TEST_CASE(a_stream_carries_arrays_both_ways) {
    procpool::pool pool(2);
    std::vector<ints> inputs;
    for (int i = 0; i != 200; ++i)
        inputs.push_back(counted(10, i));
    const auto doubled = [](const ints& in) {
        ints out(in.size());
        std::transform(in.span().begin(), in.span().end(), out.span().begin(), [](int n) { return 2 * n; });
        return out;
    };
    auto stream = pool.imap(doubled, std::move(inputs));
    for (int i = 0; i != 200; ++i)
        BOOST_TEST(sum_of(stream.next().value()) == 2 * (45 + 10 * i));
    BOOST_TEST(!stream.next().has_value());
    int sum = 0;
    for (const auto& each : pool.imap_unordered(doubled, std::vector(300, counted(3)), {.chunk_size = 7}))
        sum += sum_of(each);
    BOOST_TEST(sum == 300 * 12);
}

BOOST_AUTO_TEST_CASE(results_with_an_array_and_without_stay_in_order) {
    procpool::pool pool(1);
    std::vector<int> numbers(1000);
    std::iota(numbers.begin(), numbers.end(), 0);
    const auto sometimes = [](int n) {
        if (n % 11 == 5)
            throw std::out_of_range(std::to_string(n));
        return std::pair(std::string(static_cast<std::size_t>(n), 'x'), n % 7 == 0 ? counted(1, n) : ints());
    };
    auto stream = pool.imap(sometimes, numbers, {.chunk_size = 50});
    for (const int n : numbers) {
        if (n % 11 == 5) {
            BOOST_CHECK_THROW(stream.next(), std::out_of_range);
            continue;
        }
        const auto got = stream.next().value();
        BOOST_REQUIRE(got.first.size() == static_cast<std::size_t>(n));
        BOOST_REQUIRE(sum_of(got.second) == (n % 7 == 0 ? n : 0));
    }
}

BOOST_AUTO_TEST_CASE(an_exception_may_carry_it) {
    procpool::pool pool(1);
    BOOST_CHECK_EXCEPTION(pool.apply(procpool::fn<work::throws>, counted(3)), half_done,
                          [](const half_done& why) { return sum_of(why.so_far()) == 9; });
    BOOST_CHECK_EXCEPTION(pool.apply(procpool::fn<work::throws_new>, 4U), half_done,
                          [](const half_done& why) { return sum_of(why.so_far()) == 10; });
}

BOOST_AUTO_TEST_CASE(a_bound_task_runs_with_it_more_than_once) {
    procpool::pool pool(2);
    const auto bound = procpool::bind(procpool::fn<work::sum>, counted(10));
    for (int run = 0; run != 3; ++run)
        BOOST_TEST(pool.async_apply(bound, boost::asio::use_future).get() == 55);
}

BOOST_AUTO_TEST_CASE(a_broadcast_gives_it_to_every_worker) {
    procpool::pool pool(3);
    const auto sums = pool.broadcast(procpool::fn<work::sum>, counted(10));
    BOOST_TEST(sums == (std::vector{55, 55, 55}), boost::test_tools::per_element());
    const auto arrays = pool.broadcast(procpool::fn<work::make>, 3U, 1);
    for (const auto& each : arrays)
        BOOST_TEST(sum_of(each) == 6);
}

BOOST_AUTO_TEST_CASE(an_initializer_in_every_worker_gets_it) {
    const ints starts(1);
    const auto count = [](const ints& to) {
        std::atomic_ref(to.data()[0]).fetch_add(1);
    };
    procpool::pool pool(procpool::pool_options{
        .processes = 2, .initializer = procpool::bind(count, starts), .max_tasks_per_worker = 1});
    for (int i = 0; i != 5; ++i)
        pool.apply([] {});
    BOOST_TEST(eventually([&] { return std::atomic_ref(starts.data()[0]).load() >= 6; }));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    procpool::register_exception<half_done>(); // in the workers too
    return pool_main(argc, argv);
}
