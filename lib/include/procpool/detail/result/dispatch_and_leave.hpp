// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RESULT_DISPATCH_AND_LEAVE_HPP
#define PROCPOOL_DETAIL_RESULT_DISPATCH_AND_LEAVE_HPP

#include <boost/asio/dispatch.hpp>

#include <memory>
#include <utility>

namespace procpool::detail {

/// Signals that a thread which dispatched a function no longer uses the executor. The handler may destroy the
/// context, and must not do so while that thread is still returning from it.
class departure;

/// Called by the thread that is going to dispatch.
std::shared_ptr<departure> make_departure();
/// Called by the thread that dispatched.
void leave(departure& what) noexcept;
/// Called by the thread that runs the function. If it is the same thread, it does not wait: the dispatching
/// function is its caller.
void wait(departure& what) noexcept;

/// Runs `function` in the context of `executor`. When it is called, no object here refers to the executor.
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
