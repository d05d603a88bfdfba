// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/init.hpp>

#include "os/self.hpp"
#include "worker/process_role.hpp"
#include "worker/serve.hpp"
#include "worker/start_message.hpp"

#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>

namespace procpool {
namespace {

// Taken before main(), so that nothing that main() starts can inherit it, even where init() is forgotten. And
// a worker that hangs before init() hears nothing of its parent's end.
const std::optional<std::string> started_with = [] {
    auto message = os::take_environment(serving::worker_variable);
    if (message) {
        os::end_when_orphaned();
        os::go_on_in_background(); // initialisers print, too
    }
    return message;
}();
std::optional<std::size_t> worker_index;
bool init_was_called = false;

} // namespace

void init() {
    init_was_called = true;
    if (!started_with || worker_index)
        return;
    const auto message = serving::from_text(*started_with);
    if (!message) {
        std::fprintf(stderr, "procpool: the environment variable %s is reserved for worker processes\n",
                     serving::worker_variable);
        os::exit_now(1);
    }
    worker_index = message->index;
    serving::serve(*message);
}

bool this_worker::active() noexcept {
    return worker_index.has_value();
}

std::size_t this_worker::index() {
    if (!worker_index)
        throw std::logic_error("procpool::this_worker::index: this process is not a worker");
    return *worker_index;
}

void serving::require_init() {
    if (init_was_called)
        return;
    if (started_with)
        throw std::logic_error(
            "procpool: this process is a worker, but its main() made a pool before it called "
            "procpool::init(); call procpool::init() as the first statement of main()");
    throw std::logic_error(
        "procpool: a pool was made before procpool::init() was called; call it as the first "
        "statement of main()");
}

} // namespace procpool
