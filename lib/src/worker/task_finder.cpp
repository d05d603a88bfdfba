// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/task_finder.hpp"

#include "channel/argument_memory.hpp"
#include "channel/layout.hpp"

#include <algorithm>
#include <utility>

namespace procpool::serving {

task_finder::task_finder(const channel::argument_view& arguments) : arguments_(&arguments) {
    auto all = os::loaded_modules();
    const auto program = std::ranges::find_if(all, [](const auto& module) { return module.path.empty(); });
    modules_.push_back(program == all.end() ? std::nullopt : std::optional(std::move(*program)));
}

detail::task_runner task_finder::find_another(std::uint64_t task) {
    const auto* const module = find_module(channel::module_of_task(task));
    if (module == nullptr)
        return nullptr;
    const auto offset = channel::offset_of_task(task);
    if (offset >= module->bytes) {
        why_not_ = "its number makes no sense";
        return nullptr;
    }
    last_ = task;
    last_found_ = reinterpret_cast<detail::task_runner>(const_cast<std::byte*>(module->base + offset));
    return last_found_;
}

const os::loaded_module* task_finder::find_module(std::uint32_t number) {
    if (number < modules_.size() && modules_[number])
        return &*modules_[number];
    const auto wanted = channel::read_module(arguments_->module_table(), number);
    if (!wanted) {
        why_not_ = "its number makes no sense";
        return nullptr;
    }
    std::optional<os::loaded_module> found;
    bool is_another_version = false;
    for (auto& each : os::loaded_modules()) { // a task may have loaded the module since
        const bool is_same = os::fingerprint(each) == wanted->fingerprint;
        if (is_same && (!found || each.path == wanted->path))
            found = std::move(each);
        else if (!is_same && each.path == wanted->path)
            is_another_version = true;
    }
    if (!found) {
        why_not_ =
            "it is in \"" + wanted->path + "\", " +
            (is_another_version ? "of which the worker has loaded another version"
                                : "which is not loaded in the worker; pool_options::libraries names what "
                                  "workers load");
        return nullptr;
    }
    if (modules_.size() <= number)
        modules_.resize(number + 1);
    modules_[number] = std::move(found);
    return &*modules_[number];
}

} // namespace procpool::serving
