// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/task_registry.hpp"

namespace procpool::serving {

task_registry& task_registry::instance() {
    static task_registry registry; // first used before main(), by the initializers of other files
    return registry;
}

std::uint32_t task_registry::add(std::string_view type_name, runner run) {
    runners_.push_back(run);
    constexpr std::uint64_t prime = 0x100'0000'01b3;
    for (const char c : type_name)
        hash_ = (hash_ ^ static_cast<unsigned char>(c)) * prime;
    hash_ = (hash_ ^ 0xff) * prime; // the end of a name counts too
    return static_cast<std::uint32_t>(runners_.size() - 1);
}

} // namespace procpool::serving

namespace procpool::detail {

std::uint32_t register_task(std::string_view type_name, void (*run)(frame_run&)) {
    return serving::task_registry::instance().add(type_name, run);
}

} // namespace procpool::detail
