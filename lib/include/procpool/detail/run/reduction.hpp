// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RUN_REDUCTION_HPP
#define PROCPOOL_DETAIL_RUN_REDUCTION_HPP

#include <procpool/detail/codec/codec_failures.hpp>
#include <procpool/detail/run/frame_context.hpp>
#include <procpool/detail/run/run_task.hpp>
#include <procpool/detail/task/task_function.hpp>
#include <procpool/detail/task/task_parts.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

// The function that combines the results of map_reduce: a task, but called with two values at a time, in the
// worker that has the values or in the parent.

namespace procpool::detail {

/// A copy of the task's function, to be called in this process.
template <class Task>
auto callable_of([[maybe_unused]] const Task& task) {
    using form = form_of<Task>;
    if constexpr (form::is_function)
        return form::function;
    else if constexpr (form::is_by_value)
        return task.function;
    else
        return Task(task);
}

/// Whether Reducer combines two values of type T into one; R is the return type of the mapped task.
template <class T, class R, class Reducer>
consteval bool check_reducer() {
    if constexpr (!check_task<Reducer>()) {
        return false;
    } else if constexpr (!check_encodable<T>()) {
        return false;
    } else if constexpr (!std::convertible_to<R, T>) {
        static_assert(never<R>, "procpool: what the task returns does not convert to the type of init, which "
                                "map_reduce combines it with; convert in the task, or pass another init");
        return false;
    } else if constexpr (!std::is_invocable_r_v<T, decltype(callable_of(std::declval<const Reducer&>()))&, T,
                                                T>) {
        static_assert(never<Reducer>,
                      "procpool: the reducer of map_reduce combines two values of the type of init into one: "
                      "T reducer(T, T)");
        return false;
    } else {
        return true;
    }
}

/// The combined result of consecutive items of a map_reduce in a worker. The worker reports it once: the
/// value of the first item is the number of items and their combined result; the values of the others are
/// empty.
template <class T>
class partial_reduction {
  public:
    explicit partial_reduction(frame_context& run) noexcept : run_(&run) {}

    /// `item` is the one after the last item that was added. If the reducer throws, `item` ends with that
    /// exception.
    template <class Reducer>
    void add(std::uint32_t item, T value, Reducer& reducer) {
        if (!value_) {
            first_ = item;
            value_.emplace(std::move(value));
        } else {
            try {
                T combined = reducer(std::move(*value_), std::move(value));
                value_.emplace(std::move(combined));
            } catch (...) {
                // The whole call has failed, so the combined result of the other items is not needed.
                leave_empty(first_);
                throw;
            }
        }
        ++items_;
    }

    /// Stores the outcome of all items that were added.
    void leave() {
        if (items_ == 0)
            return;
        try {
            in_codec_stage(codec_stage::encode_result, [&] {
                auto& out = run_->begin_value(first_);
                out.write(items_);
                out.write(*value_);
            });
            run_->end_value();
        } catch (...) {
            run_->abandon_value();
            run_->failed(first_, std::current_exception());
        }
        leave_empty(first_ + 1);
    }

  private:
    /// Stores empty values for the items from `item` on, and starts anew.
    void leave_empty(std::uint32_t item) {
        for (const auto end = first_ + items_; item != end; ++item) {
            run_->begin_value(item);
            run_->end_value();
        }
        value_.reset();
        items_ = 0;
    }

    frame_context* run_;
    std::optional<T> value_;
    std::uint32_t first_ = 0;
    std::uint32_t items_ = 0;
};

/// Runs the items of a frame of a map_reduce; its address identifies the task.
template <class Task, class Reducer, class Sig, class T>
void run_reduction(frame_context& run) {
    if (run.replayed() != nullptr) [[unlikely]]
        return replay_task<Task, Sig>(
            run); // of the reducer nothing is known but that it may have been the culprit
    std::optional<decltype(decode_function<Task>(std::declval<decoder&>()))> function;
    std::optional<decltype(decode_function<Reducer>(std::declval<decoder&>()))> reducer;
    std::exception_ptr no_function;
    try {
        in_codec_stage(codec_stage::decode_argument, [&] {
            decoder in(run.function());
            function.emplace(decode_function<Task>(in));
            reducer.emplace(decode_function<Reducer>(in));
        });
    } catch (...) {
        no_function = std::current_exception();
    }
    argument_source<Sig> arguments(run.arguments());
    partial_reduction<T> partial(run);
    for (std::uint32_t item = 0; run.next(item);) {
        if (no_function) {
            run.failed(item, no_function);
            continue;
        }
        try {
            std::optional<T> value;
            try {
                value.emplace(convert_argument<T>(invoke<Sig>(*function, arguments.next())));
            } catch (...) {
                partial.leave();
                throw;
            }
            partial.add(item, std::move(*value), *reducer);
        } catch (...) {
            run.failed(item, std::current_exception());
        }
        if (run.timed())
            partial.leave();
    }
    partial.leave();
}

} // namespace procpool::detail

#endif
