// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BIND_HPP
#define PROCPOOL_BIND_HPP

#include <procpool/detail/argument_layout.hpp>
#include <procpool/detail/bound_call.hpp>
#include <procpool/detail/heap_encoder.hpp>
#include <procpool/detail/task_registry.hpp>
#include <procpool/task.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace procpool {

/// A task with its arguments, encoded when it was made: an object that can be kept, copied at no cost, and
/// run any number of times. R is what it returns; a bound_task<void> made from another drops the result.
template <class R>
class bound_task {
  public:
    /// Drops the result.
    template <class Other>
    requires(std::is_void_v<R> && !std::is_void_v<Other>) bound_task(const bound_task<Other>& other)
        : call_(other.call_) {}

    /// For the library.
    explicit bound_task(std::shared_ptr<const detail::bound_call> call) noexcept : call_(std::move(call)) {}
    const detail::bound_call& call() const noexcept { return *call_; }

  private:
    template <class Other>
    friend class bound_task;

    std::shared_ptr<const detail::bound_call> call_;
};

/// Binds a task to the arguments of a call.
/// Errors: what encoding an argument throws.
/// Source: std::bind, Python's functools.partial.
template <class Task, class... Args>
auto bind(const Task& task, Args&&... args) {
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
        detail::registered_task<Task, sig>::index, std::string(detail::task_name<Task>()), items_offset,
        out));
}

} // namespace procpool

#endif
