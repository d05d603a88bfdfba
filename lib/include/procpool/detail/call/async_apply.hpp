// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_ASYNC_APPLY_HPP
#define PROCPOOL_DETAIL_CALL_ASYNC_APPLY_HPP

#include <procpool/bind.hpp>
#include <procpool/detail/call/single_call.hpp>
#include <procpool/detail/pool_core.hpp>
#include <procpool/detail/result/completion_handler.hpp>
#include <procpool/options.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <exception>
#include <utility>

namespace procpool::detail {

/// Whether the arguments of async_apply begin with a bound task, or with options and a bound task.
template <class...>
inline constexpr bool is_async_apply = false;
template <class R, class... Rest>
inline constexpr bool is_async_apply<bound_task<R>, Rest...> = true;
template <class R, class... Rest>
inline constexpr bool is_async_apply<call_options, bound_task<R>, Rest...> = true;

/// Starts a bound task for a completion handler of any kind. The default executor of the handler is
/// `fallback`.
template <class R>
struct async_apply_initiation {
    pool_core_ptr core;
    call_options options;
    boost::asio::any_io_executor fallback;

    template <class Handler>
    void operator()(Handler&& handler, const bound_task<R>& task) const {
        const boost::intrusive_ptr<bound_run<R>> run(new bound_run<R>(*core, task.call()));
        complete_when_finished<false, R>(run, std::forward<Handler>(handler), fallback);
        try {
            run->limit(options.timeout, options.retries, options.priority);
            run->pin(options.worker, core->size());
            run->submit_to(*core, false);
        } catch (...) {
            run->refuse(std::current_exception());
        }
    }
};

} // namespace procpool::detail

#endif
