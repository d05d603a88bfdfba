// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_RUN_BOUND_HPP
#define PROCPOOL_TEST_RUN_BOUND_HPP

#include <procpool/pool.hpp>

#include <boost/asio/use_future.hpp>

#include <utility>

namespace procpool::test {

/// Runs a bound task in a worker, and waits for its result.
template <class R>
R run(pool& in, bound_task<R> task) {
    return in.async_apply(std::move(task), boost::asio::use_future).get();
}

} // namespace procpool::test

#endif
