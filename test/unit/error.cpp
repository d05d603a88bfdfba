// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/error.hpp>

#include <boost/system/errc.hpp>
#include <boost/test/unit_test.hpp>

#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace {

template <class E>
constexpr bool copies_without_throwing = std::is_nothrow_copy_constructible_v<E>;

static_assert(copies_without_throwing<procpool::error>);
static_assert(copies_without_throwing<procpool::worker_lost>);
static_assert(copies_without_throwing<procpool::codec_error>);
static_assert(copies_without_throwing<procpool::detail::remote<procpool::worker_lost>>);

BOOST_AUTO_TEST_CASE(a_code_has_the_category_of_procpool) {
    const boost::system::error_code code = procpool::errc::worker_lost;
    BOOST_TEST(code.category().name() == std::string("procpool"));
    BOOST_TEST((code.category() == procpool::pool_category()));
    BOOST_TEST(code.message() == "the worker died while it ran the task");
    BOOST_TEST((code == procpool::errc::worker_lost));
    BOOST_TEST((code != procpool::errc::task_timeout));
}

BOOST_AUTO_TEST_CASE(every_code_has_a_message_of_its_own) {
    for (int value = 1; value <= static_cast<int>(procpool::errc::codec_error); ++value)
        BOOST_TEST(procpool::pool_category().message(value) != procpool::pool_category().message(0));
}

BOOST_AUTO_TEST_CASE(time_outs_and_cancellation_equal_the_generic_conditions) {
    using boost::system::error_code;
    BOOST_TEST((error_code(procpool::errc::task_timeout) == boost::system::errc::timed_out));
    BOOST_TEST((error_code(procpool::errc::wait_timeout) == boost::system::errc::timed_out));
    BOOST_TEST((error_code(procpool::errc::task_cancelled) == boost::system::errc::operation_canceled));
    BOOST_TEST((error_code(procpool::errc::worker_lost) != boost::system::errc::timed_out));
}

BOOST_AUTO_TEST_CASE(what_is_the_sentence_alone) {
    const procpool::start_failed failure("Worker 2 could not be started: its initializer threw.");
    const boost::system::system_error& base = failure;
    BOOST_TEST(base.what() == std::string("Worker 2 could not be started: its initializer threw."));
    BOOST_TEST((base.code() == procpool::errc::start_failed));
}

template <class E>
void check_default_text(procpool::errc code, const std::string& says) {
    const E failure;
    BOOST_TEST((failure.code() == code));
    BOOST_TEST(std::string(failure.what()).find(says) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(default_texts_say_what_became_of_the_task) {
    check_default_text<procpool::pool_closed>(procpool::errc::pool_closed, "has not run");
    check_default_text<procpool::pool_terminated>(procpool::errc::pool_terminated, "may have run");
    check_default_text<procpool::task_cancelled>(procpool::errc::task_cancelled, "may have run");
    check_default_text<procpool::wait_timeout>(procpool::errc::wait_timeout, "goes on");
}

BOOST_AUTO_TEST_CASE(a_lost_worker_says_how_it_ended) {
    const procpool::worker_lost lost("text", 123, std::nullopt, 9, "sieve");
    BOOST_TEST(lost.pid() == 123);
    BOOST_TEST(!lost.exit_status().has_value());
    BOOST_TEST(lost.signal_number().value() == 9);
    BOOST_TEST(lost.task_name() == "sieve");
    BOOST_TEST((lost.code() == procpool::errc::worker_lost));
}

BOOST_AUTO_TEST_CASE(an_exception_of_this_process_has_no_remote_info) {
    BOOST_TEST(procpool::get_remote_info(std::runtime_error("here")) == nullptr);
    BOOST_TEST(procpool::get_remote_info(procpool::pool_closed()) == nullptr);
    BOOST_TEST(procpool::get_remote_info(procpool::remote_error("here")) == nullptr);
}

BOOST_AUTO_TEST_CASE(make_remote_adds_the_origin_and_keeps_the_type) {
    procpool::remote_info info;
    info.worker_pid = 77;
    info.item_index = 5;
    const auto error =
        procpool::detail::make_remote(procpool::worker_lost("gone", 77, 3, std::nullopt, "f"), info);
    try {
        std::rethrow_exception(error);
    } catch (const procpool::worker_lost& lost) {
        BOOST_TEST(lost.what() == std::string("gone"));
        BOOST_TEST(lost.exit_status().value() == 3);
        const auto* found = procpool::get_remote_info(lost);
        BOOST_REQUIRE(found != nullptr);
        BOOST_TEST(found->worker_pid == 77);
        BOOST_TEST(found->item_index.value() == 5U);
        BOOST_TEST(found->type_name == "procpool::worker_lost");
        BOOST_TEST(found->what == "gone");
    }
}

BOOST_AUTO_TEST_CASE(make_remote_nests_the_inner_exception) {
    const auto inner = std::make_exception_ptr(std::logic_error("inner"));
    const auto error = procpool::detail::make_remote(std::runtime_error("outer"), {}, inner);
    try {
        std::rethrow_exception(error);
    } catch (const std::runtime_error& outer) {
        BOOST_CHECK_EXCEPTION(std::rethrow_if_nested(outer), std::logic_error,
                              [](const std::logic_error& e) { return e.what() == std::string("inner"); });
    }
}

} // namespace
