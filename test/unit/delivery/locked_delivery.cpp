// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "delivery/delivery.hpp"

#include "support/fake_core.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using procpool::pooling::delivery;
using procpool::pooling::locked_delivery;
using procpool::pooling::locked_draining;

namespace {

/// Records its outcomes, and whether the mutex was free when they were delivered.
class noting_job final : public procpool::detail::job {
  public:
    noting_job(procpool::detail::pool_core& core, std::mutex& mutex) : job(core), mutex_(&mutex) {
        items = 100;
        unsettled = 100;
    }

    std::vector<std::uint32_t> failed_items{};
    bool always_free = true;

    void succeeded(std::uint32_t, std::uint32_t, std::span<const std::byte>, long) noexcept override {}
    void failed(std::uint32_t first, std::uint32_t, const std::exception_ptr&) noexcept override {
        failed_items.push_back(first);
        const bool free = mutex_->try_lock();
        always_free = always_free && free;
        if (free)
            mutex_->unlock();
    }
    void settled() noexcept override {}
    std::string task_name() const override { return "task"; }

  private:
    std::mutex* mutex_;
};

struct one_job {
    procpool::test::fake_core core;
    std::mutex mutex;
    noting_job job{core, mutex};

    void add(delivery& to, std::uint32_t item) {
        to.make_room_for_failures(1);
        to.add_failure(job, item, 1, std::make_exception_ptr(std::runtime_error("why")));
    }
    void check_delivered(const std::vector<std::uint32_t>& expected) {
        BOOST_TEST(job.failed_items == expected, boost::test_tools::per_element());
        BOOST_TEST(job.always_free);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(deliveries_under_a_lock, one_job)

BOOST_AUTO_TEST_CASE(the_lock_is_released_before_outcomes_are_delivered) {
    {
        locked_delivery held(mutex);
        add(held.out(), 1);
        add(held.out(), 2);
        BOOST_TEST(job.failed_items.empty());
    }
    check_delivered({1, 2});
}

BOOST_AUTO_TEST_CASE(so_it_is_when_the_section_ends_by_an_exception) {
    try {
        locked_delivery held(mutex);
        add(held.out(), 1);
        throw std::runtime_error("why");
    } catch (const std::runtime_error&) {
    }
    check_delivered({1});
}

BOOST_AUTO_TEST_CASE(so_it_is_in_the_middle_of_a_section) {
    locked_delivery held(mutex);
    add(held.out(), 1);
    held.unlock_and_deliver();
    check_delivered({1});
    held.lock();
    add(held.out(), 2);
    check_delivered({1});
    held.unlock_and_deliver();
    check_delivered({1, 2});
}

BOOST_AUTO_TEST_CASE(a_lock_that_is_held_can_be_taken_over) {
    std::unique_lock<std::mutex> taken(mutex);
    {
        locked_delivery held(std::move(taken));
        add(held.out(), 1);
    }
    check_delivered({1});
    BOOST_TEST(mutex.try_lock());
    mutex.unlock();
}

BOOST_AUTO_TEST_CASE(outcomes_that_workers_published_before_are_delivered_first) {
    {
        locked_draining held(mutex);
        add(held.out(), 2);
        add(held.drained(), 1);
    }
    check_delivered({1, 2});
}

BOOST_AUTO_TEST_CASE(in_the_middle_they_stay) {
    {
        locked_draining held(mutex);
        add(held.drained(), 2);
        add(held.out(), 1);
        held.unlock_and_deliver();
        check_delivered({1});
        held.lock();
    }
    check_delivered({1, 2});
}

BOOST_AUTO_TEST_SUITE_END()
