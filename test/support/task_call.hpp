// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SUPPORT_TASK_CALL_HPP
#define PROCPOOL_TEST_SUPPORT_TASK_CALL_HPP

#include <procpool/decoder.hpp>
#include <procpool/detail/codec/heap_encoder.hpp>
#include <procpool/task.hpp>

#include <stdexcept>
#include <utility>

namespace procpool::test {

/// Runs an encoded call as a worker does. The result is copied before the payload is freed.
template <class Signature, class Task>
typename Signature::result run(const detail::heap_encoder& payload) {
    decoder in(payload.bytes());
    auto function = detail::decode_function<Task>(in);
    auto arguments = detail::decode_arguments<Signature>(in);
    if (in.remaining() != 0)
        throw std::logic_error("bytes are left over");
    return detail::invoke<Signature>(function, std::move(arguments));
}

/// Calls task(arguments...) with arguments that were encoded and decoded.
template <class Task, class... Arguments>
auto call(const Task& task, Arguments&&... arguments) {
    using signature = detail::signature_of<Task, Arguments...>;
    detail::heap_encoder payload;
    detail::encode_function(payload, task);
    detail::encode_arguments<signature>(payload, task, std::forward<Arguments>(arguments)...);
    return run<signature, Task>(payload);
}

/// Calls task(elements of item...) with arguments that were encoded and decoded.
template <class Task, class Item>
auto call_spread(const Task& task, Item&& item) {
    using signature = detail::signature_of_tuple<Task, Item>;
    detail::heap_encoder payload;
    detail::encode_function(payload, task);
    detail::encode_tuple<signature>(payload, task, std::forward<Item>(item));
    return run<signature, Task>(payload);
}

} // namespace procpool::test

#endif
