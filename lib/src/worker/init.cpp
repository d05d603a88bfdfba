// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/init.hpp>

#include "handshake/library_copy.hpp"
#include "handshake/start_message.hpp"
#include "os/modules.hpp"
#include "os/self.hpp"
#include "worker/frame_runner.hpp"
#include "worker/process_role.hpp"
#include "worker/replay.hpp"
#include "worker/serve.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>

namespace procpool {
namespace {

std::optional<std::size_t> worker_index;
std::uint64_t worker_generation = 0;

[[noreturn]] void end_without_message() {
    std::fprintf(stderr, "procpool: the environment variable %s is reserved for worker processes\n",
                 serving::worker_variable);
    os::exit_now(1);
}

[[noreturn]] void end_without_memory() noexcept {
    std::fputs("procpool: a worker ends, since it has no memory\n", stderr);
    serving::report_failed_start("no memory");
    os::exit_now(1);
}

[[noreturn]] void end_orphan() {
    std::fputs("procpool: a worker ends, since the process that started it has ended\n", stderr);
    os::exit_now(1);
}

/// The copy of the library whose pool started this process; null if it is not loaded.
serving::library_copy* find_copy(const serving::copy_identity& wanted) {
    serving::library_copy* found = nullptr;
    for (const auto& [where, copy] : os::copies_of_this_library()) {
        if (os::fingerprint(where) != wanted.fingerprint)
            continue;
        if (found == nullptr || where.path == wanted.path) // two files may have the same contents
            found = static_cast<serving::library_copy*>(copy);
    }
    return found;
}

/// Never returns, even after an exception: the code after init() is the program's own.
[[noreturn]] void serve_right_copy(const std::string& text) noexcept {
    try {
        const auto message = serving::from_text(text);
        if (!message)
            end_without_message();
        auto* copy = find_copy(message->copy);
        if (copy == nullptr && !message->copy.path.empty()) {
            os::load_library(message->copy.path);
            copy = find_copy(message->copy);
        }
        if (copy != nullptr)
            copy->serve(text.c_str());
        serving::end_failed_start("the worker does not have the same \"" +
                                  (message->copy.path.empty() ? os::program_name() : message->copy.path) +
                                  "\", in which the pool was made, as its parent");
    } catch (const std::bad_alloc&) {
        end_without_memory();
    } catch (const std::exception& why) {
        serving::end_failed_start(std::string("what made the pool is not loaded in the worker: ") +
                                  why.what());
    }
}

/// Runs the call that the environment names, if it names one, in the copy of the library that has saved it.
void replay_if_wanted() {
    const auto file = os::environment(serving::replay_variable);
    if (!file || file->empty())
        return;
    os::remove_environment(serving::replay_variable);
    const auto wanted = serving::copy_of_saved_call(*file);
    if (!wanted)
        std::exit(serving::replay_refused);
    const auto* const copy = find_copy(*wanted);
    if (copy == nullptr || copy->bytes < sizeof(serving::library_copy) || copy->replay == nullptr)
        serving::refuse_replay(*file, "it is of another build: what made the pool, \"" +
                                          (wanted->path.empty() ? os::program_name() : wanted->path) +
                                          "\", is not loaded, or is another version");
    copy->replay(file->c_str());
}

} // namespace

void init() try {
    serving::own_copy().init_was_called = true;
    if (serving::any_copy_serves())
        return;
    const auto start = serving::find_own_start();
    if (start.role == serving::process_role::worker)
        serve_right_copy(start.text);
    if (start.role == serving::process_role::orphan)
        end_orphan(); // else it would continue as if it were the program
    if (start.role == serving::process_role::program)
        replay_if_wanted();
} catch (const std::bad_alloc&) {
    if (!serving::may_be_worker())
        throw;
    end_without_memory(); // likewise
}

void serving::serve_text(const char* text) try {
    const auto message = from_text(text);
    if (!message)
        end_without_message();
    own_copy().serves = true;
    os::remove_environment(worker_variable); // processes that the worker starts are not workers
    worker_index = message->index;
    worker_generation = message->generation;
    frame_runner::set_seed(message->seed);
    serve(*message);
} catch (const std::bad_alloc&) { // thrown before the worker serves
    end_without_memory();
}

bool this_worker::active() noexcept {
    return worker_index.has_value();
}

std::size_t this_worker::index() {
    if (!worker_index)
        throw std::logic_error("procpool::this_worker::index: this process is not a worker");
    return *worker_index;
}

std::uint64_t this_worker::generation() {
    if (!worker_index)
        throw std::logic_error("procpool::this_worker::generation: this process is not a worker");
    return worker_generation;
}

} // namespace procpool
