// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/gate.hpp"
#include "support/nothing_left_behind.hpp"
#include "support/outcome.hpp"
#include "support/pool_main.hpp"
#include "support/process_control.hpp"
#include "support/stopping_tasks.hpp"

#include <procpool/procpool.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/data/test_case.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <string>

// The cancellation slot of a handler cancels the task.
namespace {

namespace asio = boost::asio;
using namespace procpool::test;
using asio::cancellation_type;
using procpool::bind;
using procpool::fn;
using namespace std::chrono_literals;

const cancellation_type effective[] = {cancellation_type::terminal, cancellation_type::partial,
                                       cancellation_type::all};

int twice(int n) {
    return 2 * n;
}

/// A signal and the operation that it cancels.
struct operation {
    asio::cancellation_signal signal;
    outcome<int> got;

    void start(procpool::pool& in, const procpool::bound_task<int>& task) {
        in.async_apply(task, asio::bind_cancellation_slot(signal.slot(), got.handler()));
    }
};

} // namespace

namespace boost::asio {
std::ostream& operator<<(std::ostream& out, cancellation_type type) {
    return out << static_cast<unsigned>(type);
}
} // namespace boost::asio

BOOST_FIXTURE_TEST_SUITE(async_apply_cancel, nothing_left_behind)

BOOST_DATA_TEST_CASE(a_task_that_waits_is_taken_back, effective) {
    const gate gate;
    const temporary_folder folder;
    procpool::pool pool(1);
    operation runs;
    operation waits;
    runs.start(pool, bind(fn<pass>, gate.path(), 1));
    BOOST_TEST(gate.wait_for_arrival());
    waits.start(pool, bind(fn<ignore_everything>, folder.file("began")));
    waits.signal.emit(sample);
    BOOST_CHECK_THROW(waits.got.get(), procpool::task_cancelled);
    BOOST_TEST(runs.got.times() == 0);
    gate.open();
    BOOST_TEST(runs.got.get() == 1);
    BOOST_TEST(pool.apply(fn<twice>, 1) == 2);
    BOOST_TEST(!exists(folder.file("began")));
    BOOST_TEST(waits.got.times() == 1);
}

BOOST_DATA_TEST_CASE(a_task_that_runs_is_asked_to_stop, effective) {
    const temporary_folder folder;
    procpool::pool pool(with_grace(1, endless));
    const auto pid = pool.apply(fn<own_pid>);
    operation runs;
    runs.start(pool, bind(fn<await_stop>, folder.file("log")));
    BOOST_TEST(wait_for_lines(folder.file("log"), 1));
    runs.signal.emit(sample);
    BOOST_CHECK_THROW(runs.got.get(), procpool::task_cancelled);
    BOOST_TEST(wait_for_lines(folder.file("log"), 2));
    BOOST_TEST(pool.apply(fn<own_pid>) == pid);
}

BOOST_AUTO_TEST_CASE(a_task_that_does_not_stop_is_ended_with_its_worker) {
    const temporary_folder folder;
    procpool::pool pool(with_grace(1, 10ms));
    const auto pid = pool.apply(fn<own_pid>);
    operation runs;
    runs.start(pool, bind(fn<ignore_everything>, folder.file("log")));
    BOOST_TEST(wait_for_lines(folder.file("log"), 1));
    runs.signal.emit(cancellation_type::terminal);
    BOOST_CHECK_THROW(runs.got.get(), procpool::task_cancelled);
    BOOST_TEST(pool.apply(fn<own_pid>) != pid);
}

BOOST_AUTO_TEST_CASE(total_cancellation_cannot_be_promised_and_is_ignored) {
    const gate gate;
    procpool::pool pool(1);
    operation runs;
    operation waits;
    runs.start(pool, bind(fn<pass>, gate.path(), 1));
    waits.start(pool, bind(fn<twice>, 2));
    BOOST_TEST(gate.wait_for_arrival());
    runs.signal.emit(cancellation_type::total);
    waits.signal.emit(cancellation_type::total);
    runs.signal.emit(cancellation_type::none);
    gate.open();
    BOOST_TEST(runs.got.get() == 1);
    BOOST_TEST(waits.got.get() == 4);
}

BOOST_AUTO_TEST_CASE(cancelling_what_has_ended_changes_nothing) {
    asio::io_context context;
    auto op = std::make_unique<operation>();
    {
        procpool::pool pool(1);
        pool.async_apply(
            bind(fn<twice>, 21),
            asio::bind_cancellation_slot(op->signal.slot(), asio::bind_executor(context, op->got.handler())));
        BOOST_TEST(pool.apply(fn<twice>, 1) == 2); // the first has ended, and its handler was not called yet
        op->signal.emit(cancellation_type::terminal);
        BOOST_TEST(op->got.times() == 0);
        context.run();
        BOOST_TEST(op->got.get() == 42);
        BOOST_TEST(!op->signal.slot().has_handler());
        op->signal.emit(cancellation_type::terminal);
        pool.close();
        context.restart();
        pool.async_apply(
            bind(fn<twice>, 21),
            asio::bind_cancellation_slot(op->signal.slot(), asio::bind_executor(context, op->got.handler())));
        op->signal.emit(cancellation_type::terminal);
    }
    op->signal.emit(cancellation_type::terminal);
    context.run();
    BOOST_CHECK_THROW(op->got.get(), procpool::pool_closed);
    BOOST_TEST(op->got.times() == 2);
}

BOOST_AUTO_TEST_CASE(cancelling_twice_is_cancelling_once) {
    asio::io_context context;
    const temporary_folder folder;
    procpool::pool pool(with_grace(1, endless));
    operation op;
    pool.async_apply(
        bind(fn<await_stop>, folder.file("log")),
        asio::bind_cancellation_slot(op.signal.slot(), asio::bind_executor(context, op.got.handler())));
    BOOST_TEST(wait_for_lines(folder.file("log"), 1));
    for (int i = 0; i != 5; ++i)
        op.signal.emit(cancellation_type::partial);
    context.run();
    BOOST_CHECK_THROW(op.got.get(), procpool::task_cancelled);
    BOOST_TEST(op.got.times() == 1);
}

BOOST_AUTO_TEST_CASE(cancellation_and_completion_may_meet) {
    // The signals are emitted here while the pool's thread calls the handlers of these and other operations.
    const gate gate;
    procpool::pool pool(2);
    std::deque<operation> all(300);
    for (auto& each : all)
        each.start(pool, bind(fn<pass>, gate.path(), 7));
    BOOST_TEST(gate.wait_for_arrival(2));
    for (std::size_t i = 2; i < all.size(); i += 2)
        all[i].signal.emit(cancellation_type::terminal);
    gate.open();
    for (std::size_t i = 0; i != all.size(); ++i) {
        if (i >= 2 && i % 2 == 0)
            BOOST_CHECK_THROW(all[i].got.get(), procpool::task_cancelled);
        else
            BOOST_TEST(all[i].got.get() == 7);
        BOOST_TEST(all[i].got.times() == 1);
    }
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return pool_main(argc, argv);
}
