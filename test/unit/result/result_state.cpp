// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/eventually.hpp"
#include "support/fake_core.hpp"

#include <procpool/detail/result/result_state.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>

// A result whose callbacks are on an executor that does not run.
namespace detail = procpool::detail;

namespace {

class core_with_idle_executor final : public procpool::test::fake_core {
  public:
    void prepare_callbacks() override {}
    void run_callbacks(detail::callback_list& callbacks) noexcept override {
        pending.splice(pending.end(), callbacks);
    }
    bool in_callback() const noexcept override { return calls_back; }

    void run_pending() {
        for (auto& each : pending)
            each.call();
        pending.clear();
    }

    detail::callback_list pending;
    bool calls_back = false;
};

class number_result final : public detail::result_state<int> {
  public:
    explicit number_result(detail::pool_core& core) noexcept : result_state(core) {}
    void succeed(int value) {
        value_ = value;
        finish();
    }
};

struct a_result {
    core_with_idle_executor core;
    boost::intrusive_ptr<number_result> result{new number_result(core)};
    bool called = false;

    void add_callback() {
        result->when_finished([this] { called = true; });
    }
};

/// Whether `wait` returns before the time that it gets.
bool returns_at_once(const std::function<void(detail::deadline)>& wait) {
    const auto until = std::chrono::steady_clock::now() + procpool::test::patience;
    wait(until);
    return std::chrono::steady_clock::now() < until;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(result_state, a_result)

BOOST_AUTO_TEST_CASE(without_callbacks_an_outcome_makes_it_ready) {
    BOOST_TEST(!result->has_outcome());
    result->succeed(1);
    BOOST_TEST(result->has_outcome());
    BOOST_TEST(result->ready());
    BOOST_TEST(result->value() == 1);
}

BOOST_AUTO_TEST_CASE(it_is_ready_when_its_callbacks_have_run) {
    add_callback();
    result->succeed(1);
    BOOST_TEST(result->has_outcome());
    BOOST_TEST(!result->ready());
    core.run_pending();
    BOOST_TEST(called);
    BOOST_TEST(result->ready());
}

BOOST_AUTO_TEST_CASE(it_is_ready_when_its_callbacks_are_dropped) {
    add_callback();
    result->succeed(1);
    core.pending.clear();
    BOOST_TEST(!called);
    BOOST_TEST(result->ready());
}

BOOST_AUTO_TEST_CASE(in_a_callback_an_outcome_makes_it_ready) {
    add_callback();
    result->succeed(1);
    core.calls_back = true;
    BOOST_TEST(result->ready());
}

BOOST_AUTO_TEST_CASE(a_thread_that_awaits_an_outcome_does_not_sleep_if_there_is_one) {
    add_callback();
    result->succeed(1);
    BOOST_TEST(returns_at_once([&](auto until) { result->park_until_outcome(until); }));
    BOOST_TEST(!result->ready());
}

BOOST_AUTO_TEST_CASE(a_thread_that_awaits_a_ready_result_does_not_sleep_if_it_is_ready) {
    result->succeed(1);
    BOOST_TEST(returns_at_once([&](auto until) { result->park(until); }));
}

BOOST_AUTO_TEST_CASE(a_callback_of_a_result_with_an_outcome_is_queued_at_once) {
    result->succeed(1);
    add_callback();
    BOOST_TEST(result->ready());
    BOOST_TEST(!called);
    core.run_pending();
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_SUITE_END()
