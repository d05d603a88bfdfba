// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_COMPILE_FAIL_TASK_CALL_HPP
#define PROCPOOL_TEST_COMPILE_FAIL_TASK_CALL_HPP

#include <procpool/task.hpp>

#include <utility>

/// Compiles what a pool compiles for pool.apply(task, arguments...), in the caller and in the worker.
template <class Task, class... Arguments>
auto call(procpool::encoder& out, procpool::decoder& in, const Task& task, Arguments&&... arguments) {
    using signature = procpool::detail::signature_of<Task, Arguments...>;
    procpool::detail::encode_function(out, task);
    procpool::detail::encode_arguments<signature>(out, task, std::forward<Arguments>(arguments)...);
    auto function = procpool::detail::decode_function<Task>(in);
    return typename signature::result(
        procpool::detail::invoke<signature>(function, procpool::detail::decode_arguments<signature>(in)));
}

/// The same for an item of pool.starmap(task, items).
template <class Task, class Item>
auto call_spread(procpool::encoder& out, procpool::decoder& in, const Task& task, Item&& item) {
    using signature = procpool::detail::signature_of_tuple<Task, Item>;
    procpool::detail::encode_tuple<signature>(out, task, std::forward<Item>(item));
    auto function = procpool::detail::decode_function<Task>(in);
    return typename signature::result(
        procpool::detail::invoke<signature>(function, procpool::detail::decode_arguments<signature>(in)));
}

#endif
