// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_DISPATCH_AND_LEAVE_HPP
#define PROCPOOL_DETAIL_DISPATCH_AND_LEAVE_HPP

#include <boost/asio/dispatch.hpp>

#include <memory>
#include <utility>

namespace procpool::detail {

/// Says when a thread that dispatched something has done with the executor. The handler may end the context,
/// and must not do so while that thread is still on its way out of it.
class departure;

/// By the thread that is going to dispatch.
std::shared_ptr<departure> make_departure();
/// By the thread that dispatched.
void leave(departure& what) noexcept;
/// By the thread that was dispatched to. If it is the same, the dispatching function is its caller.
void wait(departure& what) noexcept;

/// Runs `function` in the context of `executor`, to which nothing refers here when it is called.
template <class Executor, class Function>
void dispatch_and_leave(Executor executor, Function function) {
    const auto here = make_departure();
    {
        const auto to = std::move(executor);
        boost::asio::dispatch(to, [here, function = std::move(function)]() mutable {
            wait(*here);
            function();
        });
    }
    leave(*here);
}

} // namespace procpool::detail

#endif
