// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/shared_arrays.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/use_future.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// The lifetime of the memory of a shared_array.
using namespace procpool::test;

namespace {

namespace work {

int last(const ints& array) {
    return array.span().back();
}
ints make() {
    return seven();
}
void hold(const ints& array) {
    held().push_back(array);
}
void release() {
    held().clear();
}
ints wait_and_make(const std::string& begun, const std::string& go) {
    append_line(begun, "x");
    static_cast<void>(wait_for_file(go));
    return seven();
}

} // namespace work

} // namespace

BOOST_FIXTURE_TEST_SUITE(shared_array_lifetime, nothing_left_behind)

BOOST_AUTO_TEST_CASE(it_is_gone_with_its_last_handle) {
    std::optional<ints> first(seven());
    auto second = std::make_unique<ints>(*first);
    first.reset();
    BOOST_TEST(work::last(*second) == 7);
    BOOST_TEST(segments_are(1));
    ints third = std::move(*second);
    BOOST_TEST(second->size() == 0U);
    second.reset();
    BOOST_TEST(work::last(third) == 7);
    third = ints();
    BOOST_TEST(!arrays_are_left());
}

BOOST_AUTO_TEST_CASE(nothing_keeps_an_argument_once_its_task_has_ended) {
    procpool::pool pool(2);
    const auto result = pool.apply_async(procpool::fn<work::last>, seven());
    BOOST_TEST(result.get() == 7);
    BOOST_TEST(arrays_go());
    pool.map(procpool::fn<work::last>, std::vector{seven(), seven(), seven()});
    BOOST_TEST(arrays_go());
    {
        auto stream = pool.imap(procpool::fn<work::last>, std::vector(10, seven()));
        while (stream.next()) {
        }
    }
    BOOST_TEST(arrays_go());
}

BOOST_AUTO_TEST_CASE(a_worker_that_is_idle_keeps_no_result) {
    procpool::pool pool(2);
    const auto workers = pids_of(pool);
    {
        const auto made = pool.apply(procpool::fn<work::make>);
        BOOST_TEST(work::last(made) == 7);
#if !defined(_WIN32) // where nobody can tell
        BOOST_TEST(arrays_are_left(workers));
#endif
    }
    BOOST_TEST(arrays_go(workers));
    static_cast<void>(pool.map([](int) { return seven(); }, std::vector(200, 0)));
    BOOST_TEST(arrays_go(workers));
}

BOOST_AUTO_TEST_CASE(a_worker_may_keep_it_longer_than_the_parent) {
    procpool::pool pool(1);
    pool.apply(procpool::fn<work::hold>, seven());
    BOOST_TEST(segments_are(1));
    BOOST_TEST(pool.apply([] { return work::last(held().at(0)); }) == 7);
    pool.apply(procpool::fn<work::release>);
    BOOST_TEST(!arrays_are_left());
}

BOOST_AUTO_TEST_CASE(a_cancelled_task_keeps_nothing) {
    const temporary_folder folder;
    procpool::pool pool(1);
    auto running =
        pool.apply_async(procpool::fn<work::wait_and_make>, folder.file("begun"), folder.file("go"));
    auto queued = pool.apply_async(procpool::fn<work::last>, seven());
    BOOST_TEST(wait_for_file(folder.file("begun")));
    BOOST_TEST(queued.cancel());
    BOOST_TEST(arrays_go());
    const auto workers = pids_of(pool);
    BOOST_TEST(running.cancel());
    append_line(folder.file("go"), "x"); // its result comes too late
    BOOST_CHECK_THROW(running.get(), procpool::task_cancelled);
    BOOST_TEST(arrays_go(workers));
}

BOOST_AUTO_TEST_CASE(a_bound_task_keeps_its_arguments_until_it_is_gone) {
    {
        const auto bound = procpool::bind(procpool::fn<work::last>, seven());
        const auto copy = procpool::bound_task<void>(bound);
        BOOST_TEST(segments_are(1));
    }
    BOOST_TEST(!arrays_are_left());
}

BOOST_AUTO_TEST_CASE(a_run_of_a_bound_task_needs_neither_it_nor_its_array) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const auto before =
        pool.apply_async(procpool::fn<work::wait_and_make>, folder.file("begun"), folder.file("go"));
    auto last = pool.async_apply(procpool::bind(procpool::fn<work::last>, seven()), boost::asio::use_future);
    append_line(folder.file("go"), "x");
    BOOST_TEST(last.get() == 7);
    BOOST_TEST(arrays_go());
}

BOOST_AUTO_TEST_CASE(an_item_that_could_not_be_encoded_keeps_nothing) {
    struct link {
        ints array;
        std::shared_ptr<link> next;
    };
    const temporary_folder folder;
    procpool::pool pool(1);
    const auto blocker =
        pool.apply_async(procpool::fn<work::wait_and_make>, folder.file("begun"), folder.file("go"));
    const auto last = [](const link& of) {
        return work::last(of.array);
    };
    auto cycle = std::make_shared<link>(link{seven(), nullptr});
    cycle->next = cycle;
    auto results = pool.map_async(last, std::vector{link{seven(), nullptr}, *cycle}, {.chunk_size = 2});
    cycle->next.reset();
    cycle.reset();
    BOOST_TEST(segments_are(1)); // of the item that is queued
    append_line(folder.file("go"), "x");
    BOOST_CHECK_THROW(results.get(), procpool::codec_error);
    BOOST_TEST(arrays_go());
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
