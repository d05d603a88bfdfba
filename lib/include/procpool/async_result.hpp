// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ASYNC_RESULT_HPP
#define PROCPOOL_ASYNC_RESULT_HPP

#include <procpool/detail/result/completion_handler.hpp>
#include <procpool/detail/result/result_state.hpp>
#include <procpool/detail/result/wait_deadline.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace procpool {

namespace detail {

[[noreturn]] void throw_no_result();

template <class R>
struct async_get_initiation {
    template <class Handler>
    void operator()(Handler&& handler, const result_ptr<R>& result) const {
        complete_when_finished<true, R>(result, std::forward<Handler>(handler),
                                        result->core().callback_executor());
    }
};

/// The members that async_result<R> and async_result<void> share.
template <class R>
class async_result_base {
  public:
    /// Waits until the result is ready.
    void wait() const { state().wait(std::nullopt); }

    /// Waits until the result is ready, at most for `timeout`. Returns whether it is ready. With a time-out
    /// of zero or less it does not wait.
    template <class Duration>
    bool wait(Duration timeout) const {
        return state().wait(deadline_after(timeout));
    }

    /// Returns whether this handle refers to a result. A default-constructed or moved-from handle does not:
    /// then `ready` returns false, and every other member except `valid` throws std::logic_error.
    bool valid() const noexcept { return state_ != nullptr; }

    /// Returns whether the result has its outcome: a value or an error.
    bool ready() const noexcept { return valid() && state_->ready(); }

    /// Returns whether the outcome is a value.
    ///
    /// Errors: throws std::logic_error while the result is not ready.
    bool successful() const {
        if (!state().ready()) {
            state_->core().home().require_here();
            throw std::logic_error("procpool::async_result::successful: the result is not ready");
        }
        return state_->error() == nullptr;
    }

    /// Waits for the outcome, and returns the exception that `get` would throw; null if the outcome is a
    /// value.
    std::exception_ptr error() const {
        wait();
        return state_->error();
    }

    /// Waits for the outcome as an Asio operation, with any completion token: a callback, use_future,
    /// use_awaitable, deferred and so on. The completion signature is void(std::exception_ptr, R), or
    /// void(std::exception_ptr) if the task returns void. The value is moved out if this was the last handle,
    /// or if R cannot be copied; otherwise it is copied.
    ///
    /// The handler runs on its associated executor, else on pool_options::executor, else in the callback
    /// thread of the pool. Terminal and partial cancellation through the handler's cancellation slot call
    /// `cancel`, which affects all handles.
    ///
    /// Requires: R is default constructible.
    template <class CompletionToken>
    auto async_get(CompletionToken&& token) const {
        return boost::asio::async_initiate<CompletionToken, completion_signature_t<R>>(
            async_get_initiation<R>(), token, (state(), state_));
    }

    /// Cancels the task, and returns true: the result will hold task_cancelled and no value. Does not wait. A
    /// queued task is removed and does not run. A running task is asked to stop (this_task::stop_token); if
    /// it has not ended after pool_options::terminate_grace, its worker is killed. The result becomes ready
    /// when the task has ended. A map is cancelled as a whole. A second call does not extend the time.
    ///
    /// Returns false, and changes nothing, if the result has its outcome or the pool was terminated.
    bool cancel() { return state().cancel(); }

  protected:
    async_result_base() noexcept = default;
    explicit async_result_base(result_ptr<R> state) noexcept : state_(std::move(state)) {}

    result_state<R>& state() const {
        if (!state_)
            throw_no_result();
        return *state_;
    }

    void wait_for_value() const {
        wait();
        throw_error();
    }
    template <class Duration>
    void wait_for_value(Duration timeout) const {
        if (!wait(timeout))
            throw_wait_timeout();
        throw_error();
    }

    void call_on_error(std::function<void(std::exception_ptr)> callback) {
        state().when_finished([keep = state_, callback = std::move(callback)] {
            if (keep->error())
                callback(keep->error());
        });
    }

    result_ptr<R> state_;

  private:
    void throw_error() const {
        if (state_->error())
            std::rethrow_exception(state_->error());
    }
};

struct async_result_access;

} // namespace detail

/// A handle on the result of a task, which may still be running. Copies refer to the same result. A handle
/// may outlive the pool; it then keeps only the value or the error. Dropping all handles does not cancel the
/// task.
///
/// Errors:        `get` throws the exception of the task, or a procpool::error that says why there is no
///                value. In a copy of the process that fork() made, `valid` and `ready` work, and a result
///                that was ready before the fork can be read; everything else throws std::logic_error.
/// Thread safety: any member from any thread; several threads may use the same result.
/// Source:        Python, multiprocessing.pool.AsyncResult.
template <class R>
class async_result : public detail::async_result_base<R> {
  public:
    using value_type = R;

    /// Refers to no result: not `valid`.
    async_result() noexcept = default;

    /// Waits for the outcome. May be called repeatedly. The reference is valid as long as any handle exists.
    const R& get() const& {
        this->wait_for_value();
        return this->state_->value();
    }
    /// Waits for the outcome. The value is moved out if this is the last handle, or if R cannot be copied
    /// (other handles then refer to a moved-from value); otherwise it is copied.
    R get() && {
        this->wait_for_value();
        return detail::take_value<R>(*this->state_);
    }
    /// Waits at most for `timeout`, then throws wait_timeout; the task goes on. With a time-out of zero or
    /// less it does not wait.
    template <class Duration>
    const R& get(Duration timeout) const& {
        this->wait_for_value(timeout);
        return this->state_->value();
    }
    template <class Duration>
    R get(Duration timeout) && {
        this->wait_for_value(timeout);
        return detail::take_value<R>(*this->state_);
    }

    /// Calls `callback` with the value if the task succeeds: once, on the pool's executor, one callback at a
    /// time in the order of completion; callbacks of one result in the order of registration. A waiting `get`
    /// returns after callbacks that were registered before completion (see pool_options::executor for an
    /// executor that does not run). A callback that is registered later is also called on the executor. Its
    /// exceptions are passed to the function of set_unhandled.
    async_result& on_success(std::function<void(const R&)> callback) {
        this->state().when_finished([keep = this->state_, callback = std::move(callback)] {
            if (!keep->error())
                callback(keep->value());
        });
        return *this;
    }
    /// Like on_success, but calls `callback` with the error if the task fails.
    async_result& on_error(std::function<void(std::exception_ptr)> callback) {
        this->call_on_error(std::move(callback));
        return *this;
    }

  private:
    friend detail::async_result_access;
    using detail::async_result_base<R>::async_result_base;
};

/// The result of a task that returns void. Its members are those of async_result<R>, without the value.
template <>
class async_result<void> : public detail::async_result_base<void> {
  public:
    using value_type = void;

    async_result() noexcept = default;

    void get() const { wait_for_value(); }
    template <class Duration>
    void get(Duration timeout) const {
        wait_for_value(timeout);
    }

    async_result& on_success(std::function<void()> callback);
    async_result& on_error(std::function<void(std::exception_ptr)> callback);

  private:
    friend detail::async_result_access;
    using detail::async_result_base<void>::async_result_base;
};

namespace detail {

struct async_result_access {
    template <class R>
    static async_result<R> make(result_ptr<R> state) {
        return async_result<R>(std::move(state));
    }
    template <class R>
    static const result_ptr<R>& state(const async_result<R>& of) {
        static_cast<void>(of.state());
        return of.state_;
    }
};

} // namespace detail
} // namespace procpool

#endif
