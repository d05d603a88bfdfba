// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RESULT_COMPLETION_HANDLER_HPP
#define PROCPOOL_DETAIL_RESULT_COMPLETION_HANDLER_HPP

#include <procpool/detail/codec/why_not_encodable.hpp>
#include <procpool/detail/result/result_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace procpool::detail {

/// Signals that a thread which dispatched a function no longer uses the executor. The handler may destroy the
/// context, and must not do so while that thread is still returning from it.
class dispatch_exit;

/// Called by the thread that is going to dispatch.
std::shared_ptr<dispatch_exit> make_dispatch_exit();
/// Called by the thread that dispatched.
void leave(dispatch_exit& what) noexcept;
/// Called by the thread that runs the function. If it is the same thread, it does not wait: the dispatching
/// function is its caller.
void wait(dispatch_exit& what) noexcept;

/// Runs `function` in the context of `executor`. When it is called, no object here refers to the executor.
template <class Executor, class Function>
void dispatch_and_leave(Executor executor, Function function) {
    const auto here = make_dispatch_exit();
    {
        const auto to = std::move(executor);
        boost::asio::dispatch(to, [here, function = std::move(function)]() mutable {
            wait(*here);
            function();
        });
    }
    leave(*here);
}

// A result as the completion of an Asio operation.

/// The completion signature of an operation whose result is an R.
template <class R>
struct completion_signature {
    static_assert(
        std::is_default_constructible_v<R>,
        "procpool: the operation completes with an R also if there is an error; make the result of the task "
        "default-constructible, or return std::optional<R> from it");
    using type = void(std::exception_ptr, R);
};
template <>
struct completion_signature<void> {
    using type = void(std::exception_ptr);
};
template <class R>
using completion_signature_t = typename completion_signature<R>::type;

/// The function that a cancellation slot calls. It refers to the result by its base class, so that no
/// possibly null pointer is converted: g++ 12 warns about that.
class slot_cancellation {
  public:
    explicit slot_cancellation(boost::intrusive_ptr<result_base> result) noexcept
        : result_(std::move(result)) {}
    void operator()(boost::asio::cancellation_type type);

  private:
    boost::intrusive_ptr<result_base> result_;
};

/// Takes the value: moved if this is the last reference, or if R cannot be copied; otherwise copied.
///
/// Requires: the result has a value.
template <class R>
R take_value(result_state<R>& result) {
    if constexpr (can_be_copied<R>()) {
        if (!result.unique())
            return result.value();
    }
    return std::move(result.value());
}

/// Completes a handler with the outcome of `result`, to which no other handle refers unless IsShared. The
/// resources of the operation are released before, since the handler may run for long, or start the next
/// operation.
template <bool IsShared, class R, class Handler>
void complete(result_ptr<R> result, std::shared_ptr<Handler> kept) {
    auto handler = std::move(*kept);
    kept.reset();
    boost::asio::get_associated_cancellation_slot(handler).clear();
    auto error = result->error();
    if constexpr (std::is_void_v<R>) {
        result.reset();
        std::move(handler)(std::move(error));
    } else {
        R value = error ? R() : IsShared ? take_value<R>(*result) : std::move(result->value());
        result.reset();
        std::move(handler)(std::move(error), std::move(value));
    }
}

/// Whether the executor runs functions in any thread, including this one.
template <class Executor>
bool is_system_executor([[maybe_unused]] const Executor& executor) {
    using boost::asio::system_executor;
    if constexpr (requires { executor.template target<system_executor>(); })
        return executor.template target<system_executor>() != nullptr;
    else
        return std::is_same_v<Executor, system_executor>;
}

/// Calls a completion handler of any kind when `result` has its outcome, in the handler's associated
/// executor, by default `fallback`. The handler's cancellation slot cancels the result.
template <bool IsShared, class R, class Handler>
void complete_when_finished(const result_ptr<R>& result, Handler&& handler,
                            const boost::asio::any_io_executor& fallback) {
    namespace asio = boost::asio;
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
        slot.assign(slot_cancellation(result));
    const auto executor = asio::get_associated_executor(handler, fallback);
    const bool anywhere = is_system_executor(executor);
    // Keeps the context of the handler from running out of work before the handler is called.
    auto work = asio::prefer(executor, asio::execution::outstanding_work.tracked);
    // std::function must be able to copy its content, but a handler need not be copyable.
    const auto allocator = asio::get_associated_allocator(handler);
    auto kept = std::allocate_shared<std::decay_t<Handler>>(allocator, std::forward<Handler>(handler));
    result->when_finished([result, kept = std::move(kept), anywhere, work = std::move(work)]() mutable {
        auto call = [result = std::move(result), kept = std::move(kept)]() mutable {
            complete<IsShared, R>(std::move(result), std::move(kept));
        };
        // Such a handler may run in the callback thread, which reports exceptions; dispatch() would end the
        // program.
        if (anywhere)
            call();
        else
            dispatch_and_leave(std::move(work), std::move(call));
    });
}

} // namespace procpool::detail

#endif
