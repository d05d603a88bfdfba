// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_ASYNC_APPLY_HPP
#define PROCPOOL_DETAIL_ASYNC_APPLY_HPP

#include <procpool/bind.hpp>
#include <procpool/detail/bound_call.hpp>
#include <procpool/detail/pool_core.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace procpool::detail {

/// The completion signature of a task that returns R.
template <class R>
struct completion_signature {
    static_assert(
        std::is_default_constructible_v<R>,
        "procpool: async_apply completes with an R also if there is an error; make the result of the task "
        "default-constructible, or bind a task that returns std::optional<R>");
    using type = void(std::exception_ptr, R);
};
template <>
struct completion_signature<void> {
    using type = void(std::exception_ptr);
};

/// Completes `handler` with the outcome of `run`.
template <class R, class Handler>
void complete_with(bound_run<R>& run, Handler&& handler) {
    if constexpr (std::is_void_v<R>)
        std::forward<Handler>(handler)(run.error());
    else if (run.error())
        std::forward<Handler>(handler)(run.error(), R());
    else
        std::forward<Handler>(handler)(std::exception_ptr(), std::move(run.value()));
}

/// Starts a bound task for a completion handler of any kind: completes in its associated executor, by default
/// `fallback`, and cancels the task when its cancellation slot asks for it.
template <class R>
struct async_apply_initiation {
    pool_core_ptr core;
    boost::asio::any_io_executor fallback;

    template <class Handler>
    void operator()(Handler&& handler, const bound_task<R>& task) const {
        namespace asio = boost::asio;
        using run_ptr = boost::intrusive_ptr<bound_run<R>>;
        const run_ptr run(new bound_run<R>(*core, task.call()));
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
            slot.assign([run](asio::cancellation_type type) {
                using asio::cancellation_type;
                if ((type & (cancellation_type::terminal | cancellation_type::partial)) !=
                    cancellation_type::none)
                    run->cancel();
            });
        }
        // The context of the handler does not run out of work before the handler was called.
        auto executor = asio::prefer(asio::get_associated_executor(handler, fallback),
                                     asio::execution::outstanding_work.tracked);
        // std::function must be able to copy what it holds; a handler need not be.
        auto kept = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
        run->when_finished([run, kept, executor]() mutable {
            asio::dispatch(executor, [run = std::move(run), kept = std::move(kept)]() mutable {
                asio::get_associated_cancellation_slot(*kept).clear();
                complete_with<R>(*run, std::move(*kept));
            });
        });
        try {
            run->submit_to(*core);
        } catch (...) {
            run->refuse(std::current_exception());
        }
    }
};

} // namespace procpool::detail

#endif
