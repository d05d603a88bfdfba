// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_RUN_RUN_TASK_HPP
#define PROCPOOL_DETAIL_RUN_RUN_TASK_HPP

#include <procpool/codec.hpp>
#include <procpool/detail/codec/codec_failures.hpp>
#include <procpool/detail/run/frame_context.hpp>
#include <procpool/detail/run/layout.hpp>
#include <procpool/detail/task/task_parts.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <optional>
#include <ostream>
#include <span>
#include <type_traits>
#include <utility>

namespace procpool::detail {

/// The arguments of a frame's items, in order.
template <class Sig>
class argument_source {
  public:
    explicit argument_source(std::span<const std::byte> arguments) noexcept
        : all_(arguments)
        , cursor_(arguments) {}

    /// Requires: called once for each item, in order.
    typename Sig::params next() {
        return in_codec_stage(codec_stage::decode_argument, [&] {
            if constexpr (has_fixed_arguments<Sig>) {
                decoder in(all_);
                auto params = decode_arguments<Sig>(in);
                all_ = all_.subspan(fixed_arguments_size<Sig>);
                return params;
            } else {
                const auto item = cursor_.next();
                if (!item)
                    throw_codec_error("the arguments end too early");
                decoder in(*item);
                return decode_arguments<Sig>(in);
            }
        });
    }

  private:
    std::span<const std::byte> all_;
    item_cursor cursor_;
};

/// Calls the task with one item's arguments and stores its result in `run`. Result and arguments are
/// destroyed before the item has its outcome, since their destructors may throw too.
template <class Sig, class Function>
void run_item(frame_context& run, std::uint32_t item, Function& function, argument_source<Sig>& arguments) {
    bool begun = false;
    try {
        typename Sig::params params = arguments.next();
        const typename Sig::result value = invoke<Sig>(function, std::move(params));
        begun = true;
        in_codec_stage(codec_stage::encode_result, [&] { run.begin_value(item).write(value); });
    } catch (...) {
        if (begun)
            run.abandon_value();
        throw;
    }
    run.end_value();
}

template <class Sig, class Function>
void run_items(frame_context& run, Function& function, argument_source<Sig>& arguments) {
    for (std::uint32_t item = 0; run.next(item);) {
        try {
            run_item<Sig>(run, item, function, arguments);
        } catch (...) {
            run.failed(item, std::current_exception());
        }
    }
}

/// Runs `items` until one of them throws. `done`: the number of items that ended with a value.
template <class Sig, class Function>
void run_packed(const packed_items& items, std::uint32_t& done, Function& function,
                argument_source<Sig>& arguments) {
    using result = typename Sig::result;
    while (done != items.count && items.begin(done)) {
        if constexpr (std::is_void_v<result>) {
            invoke<Sig>(function, arguments.next());
        } else {
            const result value = invoke<Sig>(function, arguments.next());
            std::memcpy(items.room + done * sizeof value, &value, sizeof value);
        }
        items.end(done);
        ++done;
    }
}

template <class Sig, class Function>
void run_packed_items(frame_context& run, Function& function, argument_source<Sig>& arguments) {
    constexpr auto size = packed_size<typename Sig::result>();
    for (auto items = run.next_packed(size); items.count != 0; items = run.next_packed(size)) {
        std::uint32_t done = 0;
        try {
            run_packed<Sig>(items, done, function, arguments);
            run.packed(done, size);
        } catch (...) {
            run.packed(done, size);
            std::uint32_t item = 0;
            run.next(item); // the item that threw
            run.failed(item, std::current_exception());
        }
    }
}

template <class T>
concept can_be_printed = requires(std::ostream& to, const T& value) {
    to << value;
};

/// Runs the first item of a frame that was saved, with nothing around it: its exceptions leave the
/// function, and what it returns is printed.
template <class Task, class Sig>
void replay_task(frame_context& run) {
    using result = typename Sig::result;
    auto& log = *run.replayed();
    auto function = in_codec_stage(codec_stage::decode_argument, [&] {
        decoder in(run.function());
        return decode_function<Task>(in);
    });
    argument_source<Sig> arguments(run.arguments());
    typename Sig::params params = arguments.next();
    log.begun = true;
    if constexpr (std::is_void_v<result>) {
        invoke<Sig>(function, std::move(params));
        log.returned = true;
    } else {
        [[maybe_unused]] const result value = invoke<Sig>(function, std::move(params));
        log.returned = true;
        if constexpr (can_be_printed<result>) {
            *log.out << value;
            log.printed = true;
        }
    }
}

/// Runs the items of a frame; its address identifies the task.
template <class Task, class Sig>
void run_task(frame_context& run) {
    if (run.replayed() != nullptr) [[unlikely]]
        return replay_task<Task, Sig>(run);
    using function_type = decltype(decode_function<Task>(std::declval<decoder&>()));
    std::optional<function_type> function;
    std::exception_ptr no_function;
    try {
        in_codec_stage(codec_stage::decode_argument, [&] {
            decoder in(run.function());
            function.emplace(decode_function<Task>(in));
        });
    } catch (...) {
        no_function = std::current_exception();
    }
    argument_source<Sig> arguments(run.arguments());
    if (no_function) {
        for (std::uint32_t item = 0; run.next(item);)
            run.failed(item, no_function);
    } else if constexpr (results_are_packed<typename Sig::result>()) {
        run_packed_items<Sig>(run, *function, arguments);
    } else {
        run_items<Sig>(run, *function, arguments);
    }
}

} // namespace procpool::detail

#endif
