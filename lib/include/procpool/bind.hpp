// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BIND_HPP
#define PROCPOOL_BIND_HPP

#include <procpool/detail/call/single_call.hpp>
#include <procpool/detail/codec/heap_encoder.hpp>
#include <procpool/detail/run/layout.hpp>
#include <procpool/detail/run/run_task.hpp>
#include <procpool/detail/task/task_parts.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace procpool {

template <class R>
class bound_task;

namespace detail {

template <class T>
inline constexpr bool is_bound_task = false;
template <class R>
inline constexpr bool is_bound_task<bound_task<R>> = true;

/// Binds a task that is passed where a bound_task<void> is required.
template <class Task>
auto bind_alone(const Task& task);

} // namespace detail

/// A task together with its encoded arguments. It is passed to pool::async_apply or used as
/// pool_options::initializer, any number of times, and is copied in constant time. R is the return type of
/// the task. A bound_task<void> can also be made from any other bound task, or from a task without
/// parameters; the result of that task is dropped.
template <class R>
class bound_task {
  public:
    /// Binds a task without parameters and drops its result: `.initializer = procpool::fn<load_tables>`.
    ///
    /// Errors: throws std::bad_alloc, and what encoding the members of a function object throws.
    template <class Task>
    requires(std::is_void_v<R> && !detail::is_bound_task<Task> && detail::task_like<Task>)
        bound_task(const Task& task)
        : bound_task(detail::bind_alone(task)) {}

    /// Drops the result of `other`.
    template <class Other>
    requires(std::is_void_v<R> && !std::is_void_v<Other>) bound_task(const bound_task<Other>& other)
        : call_(other.call_) {}

    /// For the library only.
    explicit bound_task(std::shared_ptr<const detail::bound_call> call) noexcept : call_(std::move(call)) {}
    const detail::bound_call& call() const noexcept { return *call_; }

  private:
    template <class Other>
    friend class bound_task;

    std::shared_ptr<const detail::bound_call> call_;
};

/// Binds a task to the arguments of a call, and encodes them.
///
/// Errors:     throws what encoding an argument throws.
/// Complexity: O(bytes of the arguments).
/// Source:     std::bind; Python, functools.partial.
template <class Task, class... Args>
auto bind(const Task& task, Args&&... args) {
    static_assert(!detail::is_bound_task<Task>,
                  "procpool: this task is bound to its arguments already; pass it on as it is");
    using sig = detail::signature_of<Task, Args...>;
    detail::heap_encoder out;
    if constexpr (!detail::is_stateless_task<Task>) {
        detail::encode_function(out, task);
        out.align(detail::item_alignment);
    }
    const auto items_offset = out.size();
    detail::write_item<sig>(
        out, [&](encoder& to) { detail::encode_arguments<sig>(to, task, std::forward<Args>(args)...); });
    return bound_task<typename sig::result>(std::make_shared<const detail::bound_call>(
        &detail::run_task<Task, sig>, std::string(detail::task_name<Task>()), items_offset, out));
}

namespace detail {

template <class Task>
auto bind_alone(const Task& task) {
    if constexpr (check_task<Task>() && check_takes_nothing<Task>())
        return procpool::bind(task);
    else
        return bound_task<void>(nullptr);
}

} // namespace detail
} // namespace procpool

#endif
