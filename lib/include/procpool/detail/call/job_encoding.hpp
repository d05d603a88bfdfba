// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_JOB_ENCODING_HPP
#define PROCPOOL_DETAIL_CALL_JOB_ENCODING_HPP

#include <procpool/codec.hpp>
#include <procpool/detail/call/job.hpp>
#include <procpool/detail/codec/codec_failures.hpp>
#include <procpool/detail/run/layout.hpp>
#include <procpool/detail/run/run_task.hpp>
#include <procpool/detail/task/task_parts.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <span>
#include <type_traits>

// The parent's side of run/layout.hpp.

namespace procpool::detail {

/// Sets the function that runs the items of `to`, and the layout of their arguments.
template <class Sig>
void describe_items(job& to, task_runner run) noexcept {
    to.run = run;
    to.fixed = has_fixed_arguments<Sig>;
    if constexpr (has_fixed_arguments<Sig>)
        to.fixed_item_bytes = static_cast<std::uint32_t>(fixed_arguments_size<Sig>);
}

template <class Task, class Sig>
void describe_items(job& to) noexcept {
    describe_items<Sig>(to, &run_task<Task, Sig>);
}

/// Encodes the function objects of the items, which precede the items.
template <class... Tasks>
void encode_prefix([[maybe_unused]] job& to, [[maybe_unused]] const Tasks&... functions) {
    if constexpr (!(is_stateless_task<Tasks> && ...)) {
        (encode_function(to.arguments, functions), ...);
        to.arguments.align(item_alignment);
        to.items_offset = static_cast<std::uint32_t>(to.arguments.size());
    }
}

/// Appends one item, whose arguments `write` encodes, to an encoder that can `overwrite`.
///
/// Errors: those of `write`; then part of the item may have been written.
template <class Sig, class Encoder, class Write>
void write_item(Encoder& out, Write write) {
    if constexpr (has_fixed_arguments<Sig>) {
        write(static_cast<encoder&>(out));
    } else {
        out.align(item_alignment);
        const auto head_at = out.size();
        item_head head;
        out.write_bytes(&head, sizeof head);
        write(static_cast<encoder&>(out));
        head.bytes = out.size() - head_at - sizeof head;
        out.overwrite(head_at, &head, sizeof head);
    }
}

/// Appends one item to a job.
///
/// Errors: those of `write`; then the item is not added.
template <class Sig, class Write>
void encode_item(job& to, Write write) {
    const auto before = to.arguments.end();
    try {
        write_item<Sig>(to.arguments, write);
    } catch (...) {
        to.arguments.cut(before);
        throw;
    }
}

/// Decodes `count` results: for each, calls `store(i, value)` (`store(i)` without a value), or `fail(i)` in a
/// catch block if decoding throws. A result that cannot be decoded does not affect the others.
template <class R, class Store, class Fail>
void decode_items(std::span<const std::byte> values, std::uint32_t count, Store store, Fail fail) noexcept {
    [[maybe_unused]] item_cursor cursor(values);
    for (std::uint32_t i = 0; i != count; ++i) {
        try {
            if constexpr (std::is_void_v<R>) {
                store(i);
            } else if constexpr (results_are_packed<R>()) {
                if (values.size() < (std::size_t{i} + 1) * sizeof(R))
                    throw_codec_error("the results end too early");
                decoder in(values.subspan(i * sizeof(R), sizeof(R)));
                store(i, in.read<R>());
            } else {
                const auto item = cursor.next();
                if (!item)
                    throw_codec_error("the results end too early");
                decoder in(*item);
                store(i, in.read<R>());
            }
        } catch (...) {
            fail(i);
        }
    }
}

/// Called in a catch block: makes the codec_error of a result of `of` that could not be decoded, with its
/// remote_info.
std::exception_ptr result_not_decoded(const job& of, std::uint32_t item, long worker_pid) noexcept;

} // namespace procpool::detail

#endif
