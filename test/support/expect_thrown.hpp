// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SUPPORT_EXPECT_THROWN_HPP
#define PROCPOOL_TEST_SUPPORT_EXPECT_THROWN_HPP

#include <procpool/pool.hpp>
#include <procpool/remote_info.hpp>

#include <boost/test/unit_test.hpp>

#include <exception>
#include <typeinfo>

namespace procpool::test {

/// Runs `task`, which throws an E, in a pool of one worker, and calls `look` with the received exception.
template <class E, class Task, class Look>
void expect_thrown(pool& in, Task task, Look look) {
    try {
        in.apply(task);
        BOOST_ERROR("nothing was thrown");
    } catch (const std::exception& caught) {
        const auto* object = dynamic_cast<const E*>(&caught);
        const auto* info = get_remote_info(caught);
        BOOST_REQUIRE_MESSAGE(object != nullptr,
                              "wrong type: " << typeid(caught).name() << ": " << caught.what());
        BOOST_REQUIRE(info != nullptr);
        BOOST_TEST(info->worker_pid == in.workers()[0].pid.value());
        BOOST_TEST(!info->task_name.empty());
        look(*object, *info);
    }
}

} // namespace procpool::test

#endif
