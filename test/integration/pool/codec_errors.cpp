// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// A value that cannot be encoded or decoded fails its own task and nothing else.
using procpool::test::temporary_folder;

namespace work {

/// The place where the codec throws.
enum class fails : std::uint8_t {
    never,
    encoding_in_parent,
    decoding_in_worker,
    encoding_in_worker,
    decoding_in_parent
};

/// An exception of a type that is neither registered nor standard.
struct encoding_trouble {
    std::shared_ptr<int> identity;
};
inline const auto identity = std::make_shared<int>(1);

struct value {
    fails when = fails::never;
    std::size_t ballast = 0; // bytes that are written before the failure
};

value same(value v) {
    return v;
}

void note(const value& v, const std::string& file) {
    procpool::test::append_line(file, std::to_string(static_cast<int>(v.when)));
}

} // namespace work

template <>
struct procpool::codec<work::value> {
    static void encode(encoder& out, const work::value& v) {
        out.write(v.when);
        out.write(std::string(v.ballast, 'b'));
        if (v.when == work::fails::encoding_in_parent && !this_worker::active())
            throw work::encoding_trouble{work::identity};
        if (v.when == work::fails::encoding_in_worker && this_worker::active())
            throw std::runtime_error("not to be encoded here");
    }
    static work::value decode(decoder& in) {
        work::value out;
        out.when = in.read<work::fails>();
        out.ballast = in.read<std::string>().size();
        if (out.when == work::fails::decoding_in_worker && this_worker::active())
            throw std::length_error("not to be decoded there");
        if (out.when == work::fails::decoding_in_parent && !this_worker::active())
            throw std::length_error("not to be decoded here");
        return out;
    }
};

namespace {

using work::fails;
using work::value;

constexpr fails all_failures[]{fails::encoding_in_parent, fails::decoding_in_worker,
                               fails::encoding_in_worker, fails::decoding_in_parent};
constexpr std::size_t some_sizes[]{0, 100, 15'000, 20'000, 2'000'000};

/// Checks that `call` fails like a value whose codec throws at `when`.
template <class Call>
void check_failure(fails when, std::size_t item, Call call) {
    try {
        call();
        BOOST_ERROR("nothing was thrown");
    } catch (const work::encoding_trouble& caught) {
        BOOST_TEST((when == fails::encoding_in_parent));
        BOOST_TEST(caught.identity == work::identity); // the same object: it never left this process
    } catch (const procpool::codec_error& caught) {
        BOOST_TEST((when != fails::encoding_in_parent));
        const std::string text = caught.what();
        BOOST_TEST(text.find("not to be") != std::string::npos, text);
        const auto* info = procpool::get_remote_info(caught);
        BOOST_REQUIRE(info != nullptr);
        BOOST_TEST(info->worker_pid != 0);
        if (item != static_cast<std::size_t>(-1))
            BOOST_TEST(info->item_index.value() == item);
    }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(codec_errors, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_call_fails_alone_twenty_times_in_a_row) {
    procpool::pool pool(1);
    const auto before = procpool::test::pids_of(pool);
    for (const auto when : all_failures)
        for (const auto size : some_sizes) {
            BOOST_TEST_INFO_SCOPE("failure " << static_cast<int>(when) << ", size " << size);
            std::vector<procpool::async_result<value>> failing;
            std::vector<procpool::async_result<value>> others;
            for (int i = 0; i != 20; ++i) {
                failing.push_back(pool.apply_async(procpool::fn<work::same>, value{when, size}));
                others.push_back(pool.apply_async(procpool::fn<work::same>, value{fails::never, size}));
            }
            for (const auto& each : failing)
                check_failure(when, static_cast<std::size_t>(-1), [&] { each.get(); });
            for (const auto& each : others)
                BOOST_TEST(each.get().ballast == size);
        }
    BOOST_TEST((procpool::test::pids_of(pool) == before));
}

BOOST_AUTO_TEST_CASE(an_item_fails_alone_and_is_named) {
    procpool::pool pool(2);
    const auto before = procpool::test::pids_of(pool);
    for (const auto when : all_failures)
        for (const std::size_t chunk : {1U, 4U, 100U})
            for (const std::size_t at : {0U, 5U, 29U}) {
                std::vector<value> items(30, value{fails::never, 50});
                items[at].when = when;
                check_failure(when, at,
                              [&] { pool.map(procpool::fn<work::same>, items, {.chunk_size = chunk}); });
                items[at].ballast = 1'000'000;
                check_failure(when, at,
                              [&] { pool.map(procpool::fn<work::same>, items, {.chunk_size = chunk}); });
            }
    BOOST_TEST(pool.map(procpool::fn<work::same>, std::vector<value>(30)).size() == 30U);
    BOOST_TEST((procpool::test::pids_of(pool) == before));
}

BOOST_AUTO_TEST_CASE(every_item_may_fail) {
    procpool::pool pool(2);
    for (const auto when : all_failures)
        for (const std::size_t chunk : {1U, 4U, 100U})
            check_failure(when, 0, [&] {
                pool.map(procpool::fn<work::same>, std::vector<value>(40, value{when, 10}),
                         {.chunk_size = chunk});
            });
    BOOST_TEST(pool.apply(procpool::fn<work::same>, value{fails::never, 3}).ballast == 3U);
}

BOOST_AUTO_TEST_CASE(a_task_whose_arguments_cannot_be_read_does_not_run_and_its_neighbours_do) {
    procpool::pool pool(2);
    const temporary_folder folder;
    std::vector<std::pair<value, std::string>> calls(20, {value{}, folder.file("ran")});
    calls[3].first.when = fails::decoding_in_worker;
    calls[9].first.when = fails::encoding_in_parent;
    check_failure(fails::decoding_in_worker, 3,
                  [&] { pool.starmap(procpool::fn<work::note>, calls, {.chunk_size = 6}); });
    BOOST_TEST((procpool::test::lines_of(folder.file("ran")) == std::vector<std::string>(18, "0")));
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
