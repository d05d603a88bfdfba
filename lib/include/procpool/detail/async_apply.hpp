// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_ASYNC_APPLY_HPP
#define PROCPOOL_DETAIL_ASYNC_APPLY_HPP

#include <procpool/bind.hpp>
#include <procpool/detail/bound_call.hpp>
#include <procpool/detail/completion_handler.hpp>
#include <procpool/detail/pool_core.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <exception>
#include <utility>

namespace procpool::detail {

/// Starts a bound task for a completion handler of any kind, which it completes by default in `fallback`.
template <class R>
struct async_apply_initiation {
    pool_core_ptr core;
    boost::asio::any_io_executor fallback;

    template <class Handler>
    void operator()(Handler&& handler, const bound_task<R>& task) const {
        const boost::intrusive_ptr<bound_run<R>> run(new bound_run<R>(*core, task.call()));
        complete_when_finished<false, R>(run, std::forward<Handler>(handler), fallback);
        try {
            run->submit_to(*core, false);
        } catch (...) {
            run->refuse(std::current_exception());
        }
    }
};

} // namespace procpool::detail

#endif
