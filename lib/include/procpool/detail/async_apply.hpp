// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_ASYNC_APPLY_HPP
#define PROCPOOL_DETAIL_ASYNC_APPLY_HPP

#include <procpool/bind.hpp>
#include <procpool/detail/bound_call.hpp>
#include <procpool/detail/dispatch_and_leave.hpp>
#include <procpool/detail/pool_core.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/system_executor.hpp>
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

/// Completes a handler with the outcome of `run`. Whatever the operation held is given back before, since the
/// handler may go on for long, or start the next operation.
template <class R, class Handler>
void complete(boost::intrusive_ptr<bound_run<R>> run, std::shared_ptr<Handler> kept) {
    auto handler = std::move(*kept);
    kept.reset();
    boost::asio::get_associated_cancellation_slot(handler).clear();
    auto error = run->error();
    if constexpr (std::is_void_v<R>) {
        run.reset();
        std::move(handler)(std::move(error));
    } else {
        R value = error ? R() : std::move(run->value());
        run.reset();
        std::move(handler)(std::move(error), std::move(value));
    }
}

/// Does it run things anywhere, in this thread for one?
template <class Executor>
bool is_system_executor(const Executor& executor) {
    using boost::asio::system_executor;
    if constexpr (requires { executor.template target<system_executor>(); })
        return executor.template target<system_executor>() != nullptr;
    else
        return std::is_same_v<Executor, system_executor>;
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
                const run_ptr mine = run; // the task may end meanwhile, and the slot be cleared
                if ((type & (cancellation_type::terminal | cancellation_type::partial)) !=
                    cancellation_type::none)
                    mine->cancel();
            });
        }
        const auto executor = asio::get_associated_executor(handler, fallback);
        const bool anywhere = is_system_executor(executor);
        // The context of the handler does not run out of work before the handler was called.
        auto work = asio::prefer(executor, asio::execution::outstanding_work.tracked);
        // std::function must be able to copy what it holds; a handler need not be.
        const auto allocator = asio::get_associated_allocator(handler);
        auto kept = std::allocate_shared<std::decay_t<Handler>>(allocator, std::forward<Handler>(handler));
        run->when_finished([run = run, kept = std::move(kept), anywhere, work = std::move(work)]() mutable {
            auto call = [run = std::move(run), kept = std::move(kept)]() mutable {
                complete(std::move(run), std::move(kept));
            };
            // It may run where callbacks do, which report what it throws; dispatch() would end the program.
            if (anywhere)
                call();
            else
                dispatch_and_leave(std::move(work), std::move(call));
        });
        try {
            run->submit_to(*core, false);
        } catch (...) {
            run->refuse(std::current_exception());
        }
    }
};

} // namespace procpool::detail

#endif
