// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "link/task_modules.hpp"

#include "channel/argument_memory.hpp"

#include <procpool/error.hpp>

#include <utility>

namespace procpool::pooling {

task_modules::task_modules(channel::argument_memory& arguments) : arguments_(&arguments) {
    for (const auto& module : os::loaded_modules()) {
        if (!module.path.empty())
            continue;
        program_base_ = reinterpret_cast<std::uintptr_t>(module.base);
        program_bytes_ = module.bytes;
        break; // the program is the first
    }
}

std::uint64_t task_modules::id_in_library(detail::task_runner run) {
    const auto* const address = reinterpret_cast<const std::byte*>(run);
    const auto id = [&](std::size_t number, const os::loaded_module& module) {
        return channel::task_id(static_cast<std::uint32_t>(number),
                                static_cast<std::uint64_t>(address - module.base));
    };
    for (std::size_t i = 0; i != libraries_.size(); ++i)
        if (libraries_[i].contains(address))
            return id(i + 1, libraries_[i]);
    auto module = os::module_at(address);
    if (!module || module->path.empty())
        throw codec_error(
            "The task is in no program or shared object that is loaded from a file, so that no worker "
            "could find it: it has not run.");
    os::keep_loaded(*module); // if it were unloaded, another module could take its place, with other tasks
    const auto number = libraries_.size() + 1;
    libraries_.reserve(number);
    if (number > channel::max_modules ||
        !channel::add_module(arguments_->module_table(), {os::fingerprint(*module), module->path}))
        throw codec_error(
            "Tasks of more shared objects were used than a pool has room for (this one is in \"" +
            module->path + "\"): the task has not run.");
    libraries_.push_back(*std::move(module)); // cannot throw
    return id(number, libraries_.back());
}

} // namespace procpool::pooling
