// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/collected_output.hpp"
#include "support/event.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#if !defined(_WIN32)
#include <unistd.h>
#endif

// pool_options::on_output with much output, without an executor that runs, and where functions fail.

using namespace procpool;
using namespace procpool::test;

namespace work {

constexpr std::size_t line_bytes = 1024;

/// Counts what it prints.
std::size_t flood(const shared_array<std::uint64_t>& printed, std::size_t lines) {
    const std::string line = std::string(line_bytes - 1, 'f') + '\n';
    std::atomic_ref counter(*printed.data());
    for (std::size_t i = 0; i != lines; ++i) {
        counter.fetch_add(line.size());
        std::fwrite(line.data(), 1, line.size(), stdout);
    }
    return lines;
}

int say(const std::string& text) {
    std::puts(text.c_str());
    return 1;
}

int say_and_die(const std::string& text) {
    std::puts(text.c_str());
    std::fflush(stdout);
    kill_itself();
    return 0;
}

#if !defined(_WIN32)
/// Leaves a process that has the pipes and writes without end, then dies.
int leave_a_writer_and_die() {
    if (::fork() == 0) {
        ::setsid();
        if (::fork() != 0)
            ::_exit(0);
        for (;;)
            static_cast<void>(!::write(STDOUT_FILENO, "still here\n", 11));
    }
    std::puts("left");
    std::fflush(stdout);
    kill_itself();
    return 0;
}
#endif

} // namespace work

namespace {

/// The function of set_unhandled while the object exists.
struct unhandled_texts {
    unhandled_texts() {
        set_unhandled([this](const std::exception_ptr& what) {
            try {
                std::rethrow_exception(what);
            } catch (const std::exception& why) {
                const std::lock_guard held(mutex);
                texts.emplace_back(why.what());
            }
        });
    }
    ~unhandled_texts() { set_unhandled(nullptr); }
    std::vector<std::string> all() {
        const std::lock_guard held(mutex);
        return texts;
    }

    std::mutex mutex;
    std::vector<std::string> texts;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(output_limits, nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_worker_that_floods_is_slowed) {
    constexpr std::size_t lines = 32 * 1024; // 32 MiB
    const shared_array<std::uint64_t> printed(1);
    std::atomic<std::uint64_t> received{0};
    std::atomic<std::uint64_t> most_waiting{0};
    pool_options options;
    options.processes = 2;
    options.on_output = [&](const worker_output& line) {
        received += line.text.size() + 1;
        const auto waiting = std::atomic_ref(*printed.data()).load() - received;
        most_waiting = std::max(most_waiting.load(), waiting);
    };
    pool workers(options);
    auto result = workers.apply_async(fn<work::flood>, printed, lines);
    BOOST_TEST(workers.apply([](int n) { return n + 1; }, 1) == 2); // others are not slowed
    BOOST_TEST(result.get() == lines);
    workers.close();
    workers.join();
    BOOST_TEST(received == lines * work::line_bytes);
    BOOST_TEST(most_waiting < 2u * 1024 * 1024);
}

BOOST_AUTO_TEST_CASE(the_function_of_the_user_decides_how_fast_it_goes) {
    const shared_array<std::uint64_t> printed(1);
    event begun;
    event may_go_on;
    std::size_t received = 0;
    pool_options options;
    options.processes = 1;
    options.on_output = [&](const worker_output&) {
        if (received++ == 0) {
            begun.happen();
            may_go_on.wait();
        }
    };
    pool workers(options);
    auto result = workers.apply_async(fn<work::flood>, printed, std::size_t{16 * 1024});
    BOOST_TEST(begun.wait());
    // However long this takes, the task cannot end.
    BOOST_CHECK_THROW(static_cast<void>(result.get(std::chrono::milliseconds(300))), wait_timeout);
    BOOST_TEST(std::atomic_ref(*printed.data()).load() < 3u * 1024 * 1024);
    may_go_on.happen();
    result.get();
    workers.close();
    workers.join();
    BOOST_TEST(received == 16u * 1024);
}

BOOST_AUTO_TEST_CASE(no_task_waits_for_an_executor_that_does_not_run) {
    unhandled_texts unhandled;
    boost::asio::io_context context;
    const shared_array<std::uint64_t> printed(1);
    std::size_t received = 0;
    pool_options options;
    options.processes = 1;
    options.executor = context.get_executor();
    options.on_output = [&](const worker_output&) {
        ++received;
    };
    {
        pool workers(options);
        BOOST_TEST(workers.apply(fn<work::flood>, printed, std::size_t{8 * 1024}) == 8u * 1024);
        BOOST_CHECK_THROW(workers.apply(fn<work::say_and_die>, std::string("dead")), worker_lost);
        workers.close();
        workers.join();
    }
    BOOST_TEST(received == 0u);
    context.run();
    BOOST_TEST(received >= 1024u / 2); // pieces of one line need more memory than long ones
    BOOST_TEST(received < 8u * 1024);
    BOOST_TEST_REQUIRE(unhandled.all().size() == 1u);
    BOOST_TEST(unhandled.all().front().find("dropped") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(output_is_dropped_with_the_context_of_its_executor) {
    auto context = std::make_unique<boost::asio::io_context>();
    pool_options options;
    options.processes = 1;
    options.executor = context->get_executor();
    options.on_output = [](const worker_output&) {
        BOOST_ERROR("it ran");
    };
    pool workers(options);
    workers.apply(fn<work::say>, std::string("never seen"));
    workers.close();
    workers.join();
    context.reset();
}

BOOST_AUTO_TEST_CASE(it_runs_on_the_executor) {
    boost::asio::io_context context;
    const auto work = boost::asio::make_work_guard(context);
    std::thread thread([&] { context.run(); });
    std::optional<std::thread::id> ran_in;
    {
        pool_options options;
        options.processes = 1;
        options.executor = context.get_executor();
        options.on_output = [&](const worker_output&) {
            ran_in = std::this_thread::get_id();
        };
        pool workers(options);
        workers.apply(fn<work::say>, std::string("hello"));
        workers.close();
        workers.join();
    }
    BOOST_TEST((ran_in == thread.get_id()));
    context.stop();
    thread.join();
}

BOOST_AUTO_TEST_CASE(what_it_throws_is_reported_and_the_next_line_comes) {
    unhandled_texts unhandled;
    std::size_t lines = 0;
    {
        pool_options options;
        options.processes = 1;
        options.on_output = [&](const worker_output& line) {
            ++lines;
            throw std::runtime_error("cannot take " + line.text);
        };
        pool workers(options);
        workers.apply(fn<work::say>, std::string("one\ntwo"));
        workers.close();
        workers.join();
    }
    BOOST_TEST(lines == 2u);
    BOOST_TEST((unhandled.all() == std::vector<std::string>{"cannot take one", "cannot take two"}));
}

BOOST_AUTO_TEST_CASE(the_pool_may_be_destroyed_in_it) {
    event destroyed;
    std::unique_ptr<pool> workers;
    pool_options options;
    options.processes = 2;
    options.on_output = [&](const worker_output&) {
        workers.reset();
        destroyed.happen();
    };
    workers = std::make_unique<pool>(options);
    event made;
    auto result = workers->apply_async(fn<work::say>, std::string("end it"));
    BOOST_TEST(destroyed.wait());
}

BOOST_AUTO_TEST_CASE(a_loss_does_not_wait_for_the_callback_that_waits_for_it) {
    event lost;
    std::atomic<bool> first{true};
    pool* used = nullptr;
    pool_options options;
    options.processes = 2;
    options.on_output = [&](const worker_output&) {
        if (first.exchange(false)) {
            try {
                used->apply(fn<work::say_and_die>, std::string("unheard"));
            } catch (const worker_lost&) {
                lost.happen();
            }
        }
    };
    pool workers(options);
    used = &workers;
    workers.apply(fn<work::say>, std::string("begin"));
    BOOST_TEST(lost.wait());
}

#if !defined(_WIN32)
BOOST_AUTO_TEST_CASE(a_loss_does_not_wait_for_a_process_that_has_the_pipes) {
    collected_output seen;
    pool_options options;
    options.processes = 1;
    options.on_output = seen.listener();
    pool workers(options);
    BOOST_CHECK_THROW(workers.apply(fn<work::leave_a_writer_and_die>), worker_lost);
    BOOST_TEST(seen.has("left"));
}
#endif

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
