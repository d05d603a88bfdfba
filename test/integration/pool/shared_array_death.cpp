// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/process_table.hpp"
#include "support/scripted_child.hpp"
#include "support/shared_arrays.hpp"
#include "support/temporary_folder.hpp"

#include <procpool/detail/codec/heap_encoder.hpp>
#include <procpool/procpool.hpp>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Arrays whose processes end or are killed.
using namespace procpool::test;

namespace {

/// The parent decodes its array only when there has been time for the worker to end.
struct late_reader {
    ints array;
};

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
void hold_new() {
    held().push_back(seven());
}
late_reader make_late() {
    return {seven()};
}
void tell_and_hang(const std::string& file, const ints& array) {
    const ints mine = array;
    append_line(file, "x");
    sleep_for_ever();
}

} // namespace work

} // namespace

template <>
struct procpool::codec<late_reader> {
    static void encode(procpool::encoder& out, const late_reader& value) {
        out.write(own_pid());
        out.write(value.array);
    }
    static late_reader decode(procpool::decoder& in) {
        const auto worker = in.read<long>();
        static_cast<void>(eventually([&] { return !is_alive(worker); }, std::chrono::milliseconds(300)));
        return {in.read<ints>()};
    }
};

BOOST_FIXTURE_TEST_SUITE(shared_array_death, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_killed_holder_holds_it_no_longer) {
    procpool::pool pool(1);
    const auto pid = pool.workers()[0].pid.value();
    std::optional<ints> array(seven());
    pool.apply(procpool::fn<work::hold>, *array);
    pool.apply(procpool::fn<work::hold_new>);
    BOOST_TEST(segments_are(1, pid));
    kill_process(pid);
    BOOST_TEST(is_replaced(pool, 0, pid));
    BOOST_TEST(segments_are(0, pid));
    BOOST_TEST(work::last(*array) == 7);
    BOOST_TEST(pool.apply(procpool::fn<work::last>, *array) == 7);
    array.reset();
    BOOST_TEST(arrays_go({pid}));
}

BOOST_AUTO_TEST_CASE(a_task_that_is_killed_with_it_takes_nothing_along) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const auto array = seven();
    const auto lost = pool.apply_async(procpool::fn<work::tell_and_hang>, folder.file("begun"), array);
    const auto next = pool.apply_async(procpool::fn<work::last>, seven());
    BOOST_TEST(wait_for_file(folder.file("begun")));
    kill_process(pool.workers()[0].pid.value());
    BOOST_CHECK_THROW(lost.get(), procpool::worker_lost);
    BOOST_TEST(next.get() == 7);
    BOOST_TEST(work::last(array) == 7);
}

BOOST_AUTO_TEST_CASE(a_retried_task_has_its_arguments_again) {
    const temporary_folder folder;
    procpool::pool pool(1);
    const auto die_once = [](const std::string& file, const ints& array) {
        if (!exists(file)) {
            append_line(file, "x");
            kill_itself();
        }
        return work::last(array);
    };
    const auto result =
        pool.apply_async(procpool::call_options{.retries = 1}, die_once, folder.file("died"), seven());
    BOOST_TEST(result.get() == 7);
}

BOOST_AUTO_TEST_CASE(results_of_recycled_workers_are_there) {
    procpool::pool pool(procpool::pool_options{.processes = 1, .max_tasks_per_worker = 1});
    std::vector<procpool::async_result<ints>> results;
    for (int i = 0; i != 20; ++i)
        results.push_back(pool.apply_async(procpool::fn<work::make>));
    pool.close();
    pool.join();
    for (const auto& each : results)
        BOOST_TEST(work::last(each.get()) == 7);
}

BOOST_AUTO_TEST_CASE(a_worker_ends_after_its_result_was_read) {
    procpool::pool pool(procpool::pool_options{.processes = 1, .max_tasks_per_worker = 1});
    std::vector<procpool::async_result<late_reader>> results;
    for (int i = 0; i != 3; ++i)
        results.push_back(pool.apply_async(procpool::fn<work::make_late>));
    pool.close();
    pool.join();
    for (const auto& each : results)
        BOOST_TEST(work::last(each.get().array) == 7);
}

BOOST_AUTO_TEST_CASE(it_outlives_the_pool) {
    std::optional<ints> argument(seven());
    std::optional<ints> result;
    {
        procpool::pool pool(2);
        pool.apply(procpool::fn<work::hold>, *argument);
        result = pool.apply(procpool::fn<work::make>);
    }
    BOOST_TEST(work::last(*argument) == 7);
    BOOST_TEST(work::last(*result) == 7);
    procpool::pool another(1);
    BOOST_TEST(another.apply(procpool::fn<work::last>, *result) == 7);
}

BOOST_AUTO_TEST_CASE(an_array_that_is_gone_is_a_codec_error) {
    std::vector<std::byte> bytes;
    const auto decode = [&] {
        procpool::decoder in(bytes);
        return in.read<ints>();
    };
    {
        procpool::detail::heap_encoder out;
        out.write(seven()); // kept by the encoder
        bytes.assign(out.bytes().begin(), out.bytes().end());
        BOOST_TEST(work::last(decode()) == 7);
        for (std::size_t i = 0; i != bytes.size(); ++i) { // a forgery finds nothing
            const auto right = std::exchange(bytes[i], ~bytes[i]);
            BOOST_CHECK_THROW(decode(), procpool::codec_error);
            bytes[i] = right;
        }
    }
    BOOST_CHECK_EXCEPTION(decode(), procpool::codec_error, [](const procpool::codec_error& why) {
        return std::string(why.what()).find("The memory of a shared_array is gone") != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(a_process_that_exits_or_is_killed_leaves_nothing) {
    for (const std::string how : {"exit", "be killed"}) {
        scripted_child child(how);
        const auto parent = procpool::os::pid(child.process());
        const auto worker = std::stol(child.hear_some());
        child.wait_for_exit();
        BOOST_TEST(eventually([&] { return !arrays_are_left({parent, worker}); }));
    }
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

ints global; // destroyed late

/// In a child: has arrays here and in a worker, and ends without freeing them.
int play(const std::string& script) {
    static procpool::pool pool(1);
    global = seven();
    pool.apply(procpool::fn<work::hold>, global);
    const auto made = pool.apply(procpool::fn<work::make>);
    say(std::to_string(pool.workers()[0].pid.value()));
    if (script == "exit")
        std::exit(0);
    kill_itself();
    return 1;
}

} // namespace

int main(int argc, char** argv) {
    return pool_main(argc, argv, play);
}
