// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ASYNC_RESULT_HPP
#define PROCPOOL_ASYNC_RESULT_HPP

#include <procpool/detail/completion_handler.hpp>
#include <procpool/detail/result_state.hpp>
#include <procpool/detail/wait_deadline.hpp>

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

/// What async_result<R> and async_result<void> share.
template <class R>
class async_result_base {
  public:
    /// Waits until there is an outcome.
    void wait() const { state().wait(std::nullopt); }

    /// Waits until there is an outcome, at most for `timeout`. Is there one?
    template <class Duration>
    bool wait(Duration timeout) const {
        return state().wait(deadline_after(timeout));
    }

    /// Is there a result that this refers to? Not after default construction, nor of one that was moved from:
    /// these are not `ready`, and every other member throws std::logic_error.
    bool valid() const noexcept { return state_ != nullptr; }

    /// Is there an outcome?
    bool ready() const noexcept { return valid() && state_->ready(); }

    /// Is the outcome a value?
    /// Errors: throws std::logic_error while there is no outcome.
    bool successful() const {
        if (!state().ready()) {
            state_->core().home().require_here();
            throw std::logic_error("procpool::async_result::successful: the result is not ready");
        }
        return state_->error() == nullptr;
    }

    /// Waits for the outcome, and returns what `get` would throw; null if there is a value.
    std::exception_ptr error() const {
        wait();
        return state_->error();
    }

    /// Waits for the outcome as an Asio operation, for any completion token: a callback, use_future,
    /// use_awaitable, deferred and so on. The completion signature is void(std::exception_ptr, R), or
    /// void(std::exception_ptr) if the task returns nothing; R is default constructible. The value is moved
    /// out if this was the last handle, or if R cannot be copied, and copied otherwise.
    ///
    /// It completes on the handler's associated executor, by default pool_options::executor, else the pool's
    /// own callback thread. Terminal and partial cancellation through the handler's cancellation slot are
    /// `cancel`, for all handles.
    template <class CompletionToken>
    auto async_get(CompletionToken&& token) const {
        return boost::asio::async_initiate<CompletionToken, completion_signature_t<R>>(
            async_get_initiation<R>(), token, (state(), state_));
    }

    /// Makes sure that the task does not yield a value: takes it back if it has not started, asks it to stop
    /// if it runs (this_task::stop_token), and ends its worker if it has not ended after
    /// pool_options::terminate_grace. The result then holds task_cancelled.
    ///
    /// Returns false, and changes nothing, if there is an outcome already.
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

/// The result of a task that may not have run yet: a handle, whose copies refer to the same result. It may
/// outlive the pool.
///
/// Errors:        `get` throws what the task threw, or a procpool::error that says why there is no value.
///                In a copy that fork() made of the process, a result that was ready before can be read;
///                every other member throws std::logic_error.
/// Thread safety: any thread, and different threads for the same result.
/// Source:        Python, multiprocessing.pool.AsyncResult.
template <class R>
class async_result : public detail::async_result_base<R> {
  public:
    using value_type = R;

    /// Refers to no result: not `valid`.
    async_result() noexcept = default;

    /// Waits for the outcome. May be called again; the reference is valid as long as any handle is.
    const R& get() const& {
        this->wait_for_value();
        return this->state_->value();
    }
    /// Waits for the outcome and gives the value away: it is moved out if this is the last handle, or if R
    /// cannot be copied, and copied otherwise.
    R get() && {
        this->wait_for_value();
        return detail::take_value<R>(*this->state_);
    }
    /// Waits at most for `timeout`, then throws wait_timeout; the task goes on. Zero or less only looks.
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

    /// Calls `callback` with the value, if the task succeeds: once, on the pool's executor, one callback at a
    /// time in the order of completion, and before a `get` that waits returns. If there is an outcome
    /// already, it is called all the same. What it throws goes to set_unhandled.
    async_result& on_success(std::function<void(const R&)> callback) {
        this->state().when_finished([keep = this->state_, callback = std::move(callback)] {
            if (!keep->error())
                callback(keep->value());
        });
        return *this;
    }
    /// Likewise with the error, if there is no value.
    async_result& on_error(std::function<void(std::exception_ptr)> callback) {
        this->call_on_error(std::move(callback));
        return *this;
    }

  private:
    friend detail::async_result_access;
    using detail::async_result_base<R>::async_result_base;
};

/// The result of a task that returns nothing.
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
