// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_REGISTRY_HPP
#define PROCPOOL_DETAIL_TASK_REGISTRY_HPP

#include <procpool/detail/frame_run.hpp>
#include <procpool/detail/task_runner.hpp>

#include <cstdint>
#include <string_view>
#include <typeinfo>

namespace procpool::detail {

/// Adds a task to the registry and returns its index. Called before main(), in the same order in the parent
/// and in its workers, since they are the same executable.
std::uint32_t register_task(std::string_view type_name, void (*run)(frame_run&));

/// Registers calls of `Task` with the parameters of `Sig` by being mentioned: the static member is
/// initialized before main(), in the parent as in the worker.
template <class Task, class Sig>
struct registered_task {
    static const std::uint32_t index;
};

template <class Task, class Sig>
const std::uint32_t registered_task<Task, Sig>::index =
    register_task(typeid(registered_task<Task, Sig>).name(), &run_task<Task, Sig>);

} // namespace procpool::detail

#endif
