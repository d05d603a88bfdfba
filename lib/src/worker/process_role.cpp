// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/process_role.hpp"

#include "handshake/library_copy.hpp"
#include "handshake/start_message.hpp"
#include "os/handles.hpp"
#include "os/modules.hpp"
#include "os/self.hpp"
#include "worker/serve.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <optional>
#include <stdexcept>

namespace procpool::serving {
namespace {

template <class Predicate>
bool any_copy(Predicate holds) {
    if (holds(own_copy()))
        return true;
    return std::ranges::any_of(os::copies_of_this_library(), [&](const os::copy_in_module& each) {
        return holds(*static_cast<const library_copy*>(each.copy));
    });
}

/// Called in a process whose parent is not the pool's process. It is an orphan if it has the lifeline (as a
/// worker, or as a forked copy of one) and the pool's process is gone.
bool is_orphan(const start_message& message) {
    constexpr auto position = static_cast<std::size_t>(inherited::lifeline);
    return os::inherited_identity(position) == message.lifeline &&
           (os::inherited_peer_is_gone(position) || !os::process_exists(message.parent));
}

} // namespace

own_start find_own_start() {
    // An initializer of the program may have cleared the environment.
    auto text = os::environment(worker_variable);
    if (!text)
        text = os::environment_at_start(worker_variable);
    if (!text)
        return {};
    const auto message = from_text(*text);
    auto role = process_role::worker;
    if (message && !os::is_child_of(message->parent))
        role = is_orphan(*message) ? process_role::orphan : process_role::below_worker;
    return {role, *std::move(text)};
}

bool may_be_worker() noexcept {
    if (std::getenv(worker_variable) != nullptr)
        return true;
    try {
        return os::environment_at_start(worker_variable).has_value();
    } catch (const std::bad_alloc&) {
        return false;
    }
}

bool any_copy_serves() {
    return any_copy([](const library_copy& copy) { return copy.serves.load(); });
}

void require_init() {
    if (any_copy_serves())
        return;
    switch (find_own_start().role) {
    case process_role::program:
        break;
    case process_role::worker: {
        const std::string why = "this process is a worker, but its main() made a pool before it called "
                                "procpool::init(); call procpool::init() as the first statement of main()";
        report_failed_start(why);
        throw std::logic_error("procpool: " + why);
    }
    case process_role::orphan:
    case process_role::below_worker:
        throw std::logic_error(
            "procpool: no pool can be made here: this process was started by a worker that had not called "
            "procpool::init() yet, so that processes could be started without end; call procpool::init() as "
            "the first statement of main()");
    }
    if (!any_copy([](const library_copy& copy) { return copy.init_was_called.load(); }))
        throw std::logic_error(
            "procpool: a pool was made before procpool::init() was called; call it as the first "
            "statement of main()");
}

} // namespace procpool::serving
