// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/serve.hpp"

#include "channel/argument_memory.hpp"
#include "channel/memory.hpp"
#include "channel/requests.hpp"
#include "channel/responses.hpp"
#include "channel/worker_sleeper.hpp"
#include "handshake/parent_request.hpp"
#include "os/crash_watch.hpp"
#include "os/fault_point.hpp"
#include "os/handles.hpp"
#include "os/lifeline.hpp"
#include "os/memory.hpp"
#include "os/output_pipe.hpp"
#include "os/self.hpp"
#include "os/waiting.hpp"
#include "task/forked_copy.hpp"
#include "worker/crash_reports.hpp"
#include "worker/frame_runner.hpp"
#include "worker/printed_output.hpp"
#include "worker/process_role.hpp"
#include "worker/running_item.hpp"
#include "worker/task_finder.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <iterator>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#if !defined(_WIN32)
// Functions of instrumentation that the program may be built with; null if it is not. gcc's __gcov_dump is in
// an archive from which a weak reference loads nothing, so __gcov_exit may be the only one that is there. The
// symbols are hidden: a procpool in a shared library finds those of its library, if any.
extern "C" {
[[gnu::weak]] void __gcov_dump();
[[gnu::weak]] void __gcov_exit();
[[gnu::weak]] int __llvm_profile_write_file();
[[gnu::weak]] void __lsan_do_leak_check();
}
#endif

namespace procpool::serving {
namespace {

#if !defined(_WIN32)

void write_profiles() noexcept {
    if (__gcov_dump != nullptr)
        __gcov_dump();
    else if (__gcov_exit != nullptr)
        __gcov_exit();
    if (__llvm_profile_write_file != nullptr)
        __llvm_profile_write_file();
}

/// Ends the process if there are leaks.
void look_for_leaks() noexcept {
    if (__lsan_do_leak_check != nullptr)
        __lsan_do_leak_check();
}

#else

void write_profiles() noexcept {}
void look_for_leaks() noexcept {}

#endif

} // namespace

void end_orderly() noexcept {
    static std::atomic_flag ends;
    while (ends.test_and_set()) // another thread ends the process
        std::this_thread::sleep_for(std::chrono::hours(1));
    os::fault_point(os::fault_step::worker_ending);
    flush_streams();
    std::fflush(nullptr);
    write_profiles();
    if (running_item::instance().stop_of_all_was_requested())
        // Also ends the processes that tasks have started. Abandoned objects are no leaks.
        os::end_own_tree(0);
    look_for_leaks();
    os::exit_now(0);
}

namespace {

os::unique_handle take(inherited what) {
    return os::inherited_handle(static_cast<std::size_t>(what));
}

bool parent_awaits_hello = false; // true only while the lifeline is open

/// Everything that a worker shares with its parent, and what it needs to run tasks.
struct connection {
    explicit connection(const start_message& message)
        : memory(channel::channel_memory::adopt(os::shared_memory::adopt(take(inherited::channel))))
        , arguments(os::shared_memory::adopt(os::read_only(take(inherited::arguments))))
        , own_bell(os::doorbell::adopt(take(inherited::own_bell)))
        , parent_bells{os::doorbell::adopt(take(inherited::pool_bell)),
                       os::doorbell::adopt(take(inherited::collector_bell))}
        , sleeper(memory.control(), own_bell, message.max_spin_turns)
        , requests(memory.control(), memory.requests(), arguments)
        , responses(memory, parent_bells, sleeper)
        , tasks(arguments)
        , output_is_read(message.output_is_read != 0) {}

    channel::channel_memory memory;
    channel::argument_view arguments;
    os::doorbell own_bell;
    channel::parent_bells parent_bells;
    channel::worker_sleeper sleeper;
    channel::request_reader requests;
    channel::response_writer responses;
    task_finder tasks;
    bool output_is_read;
};

void say(os::lifeline& parent, hello_head::kind what, std::string_view text) {
    auto head = own_hello();
    head.what = what;
    text = text.substr(0, hello_head::max_text_bytes);
    head.text_bytes = static_cast<std::uint32_t>(text.size());
    if (!parent.write(&head, sizeof head) || !parent.write(text.data(), text.size()))
        os::end_own_tree(1);
}

/// Never destroyed: when a task calls exit(), the thread that watches the parent continues. Needs no memory,
/// since a worker without memory reports this through it.
os::lifeline& own_lifeline() {
    alignas(os::lifeline) static std::byte place[sizeof(os::lifeline)];
    static auto& own = *new (place) os::lifeline(take(inherited::lifeline));
    return own;
}

bool has_lifeline(const start_message& message) noexcept {
    return os::inherited_identity(static_cast<std::size_t>(inherited::lifeline)) == message.lifeline;
}

/// The results of this worker are not wanted any more. A task that has a stop token may end by itself, and
/// then the worker ends.
void end_at_once_or_soon(long parent_pid) {
    switch (running_item::instance().request_stop_of_all()) {
    case running_item::heard::by_task:
        break;
    case running_item::heard::by_none:
        os::end_own_tree(1);
    case running_item::heard::nothing_runs:
        os::end_when_orphaned_by(parent_pid); // the lifeline is not read while a stream is flushed
        end_orderly();
    }
}

/// May be called in a signal handler.
void tell_stack_is_written(std::size_t which) {
    if (which == channel::stack_on_demand)
        own_lifeline().write(&stack_written, sizeof stack_written);
}

/// Does what the parent asks for over the lifeline, and ends the process when the parent is gone.
void watch_parent(os::lifeline& parent, long parent_pid) {
    parent_request request;
    while (parent.read(&request, sizeof request)) {
        switch (request.what) {
        case parent_request::kind::stop:
            if (running_item::instance().runs(request.item))
                os::request_stack(channel::stack_at_stop, request.item); // before the task can end
            running_item::instance().request_stop(request.item);
            break;
        case parent_request::kind::give_back:
            claimed_items::instance().unclaim(request.item);
            break;
        case parent_request::kind::stack:
            os::request_stack(channel::stack_on_demand, request.item);
            break;
        case parent_request::kind::end:
            end_at_once_or_soon(parent_pid);
            break;
        }
    }
    os::end_own_tree(1);
}

/// Waits for the parent to read all results that refer to objects of this process, unless they will never be
/// read.
void wait_until_read(connection& with) {
    if (running_item::instance().stop_of_all_was_requested())
        return;
    with.sleeper.until([&] {
        with.responses.let_go();
        return !with.responses.keeps_something();
    });
}

[[noreturn]] void serve_frames(connection& with) {
    auto& control = with.memory.control();
    const auto& goodbye = control.goodbye;
    frame_runner runner(control, with.responses, with.tasks);
    std::optional<printed_output> printed;
    if (with.output_is_read)
        runner.print_to(printed.emplace(control, with.sleeper));
    for (;;) {
        if (with.requests.empty()) {
            with.sleeper.until([&] {
                return !with.requests.empty() || goodbye.load(std::memory_order_acquire) != 0 ||
                       with.responses.can_let_go();
            });
            with.responses.let_go();
            runner.resume();
            // Checked first: the parent says goodbye after its last frame.
            const bool may_end = goodbye.load(std::memory_order_acquire) != 0;
            if (with.requests.empty()) {
                if (!may_end)
                    continue;
                os::fault_point(os::fault_step::goodbye_heard);
                wait_until_read(with);
                end_orderly();
            }
        }
        channel::frame frame;
        if (!with.requests.front(frame))
            channel::end_of_damage("request ring");
        runner.run(frame);
        os::fault_point(os::fault_step::frame_done);
        with.requests.pop();
        with.responses.wake_parent();
        os::fault_point(os::fault_step::parent_woken);
        with.responses.let_go();
    }
}

/// Errors: throws if the limit leaves no memory to start a task.
void limit_memory(std::uint64_t bytes) {
    constexpr std::uint64_t for_beginning = 256 * 1024;
    const auto used = os::own_memory();
    if (used + for_beginning > bytes)
        throw std::runtime_error("worker_memory_limit is " + std::to_string(bytes) +
                                 " bytes, and a worker that has run "
                                 "no task yet has " +
                                 std::to_string(used) + " bytes of private memory");
    os::limit_own_memory(bytes);
}

[[noreturn]] void end_without_lifeline() noexcept {
    std::fputs(
        "procpool: a worker cannot serve: what it inherited was closed before it called procpool::init()\n",
        stderr);
    os::exit_now(status_without_lifeline);
}

[[noreturn]] void connect_and_serve(const start_message& message) {
    os::fault_point(os::fault_step::worker_started);
    if (message.file_mask != start_message::own_file_mask)
        os::set_file_mask(message.file_mask);
    os::set_process_name(os::program_name());
    if (message.output_is_read != 0)
        os::print_by_lines();
    static connection* with = nullptr;
    if (!parent_awaits_hello)
        end_without_lifeline();
    static auto& parent = own_lifeline();
    say(parent, hello_head::kind::begun, {});
    try {
        os::go_on_when_orphaned();
        watch_forks();
        claimed_items::instance(); // prepares a fence, at no cost while the process has one thread
        os::start_service_thread([pid = message.parent] { watch_parent(parent, pid); });
        with = new connection(message);
        claimed_items::instance().connect(with->memory.control(), with->responses);
        report_crashes(with->memory.control().crash);
        os::watch_for_stack_requests(with->memory.control().stacks, std::size(with->memory.control().stacks),
                                     tell_stack_is_written);
        for (const auto& library : message.libraries)
            os::load_library(library);
        if (message.memory_limit_bytes != 0)
            limit_memory(message.memory_limit_bytes);
    } catch (const std::exception& why) {
        say(parent, hello_head::kind::failed, why.what());
        os::exit_now(1);
    }
    os::fault_point(os::fault_step::hello_due);
    say(parent, hello_head::kind::ready, {});
    parent_awaits_hello = false;
    os::fault_point(os::fault_step::hello_said);
    serve_frames(*with);
}

} // namespace

void report_failed_start(const std::string& why) noexcept {
    try {
        const auto message = from_text(find_own_start().text);
        if (message && has_lifeline(*message))
            say(own_lifeline(), hello_head::kind::failed, why);
    } catch (const std::exception&) {
        // The parent sees that the process ends, or does not become ready.
    }
}

void end_failed_start(const std::string& why) noexcept {
    std::fprintf(stderr, "procpool: a worker cannot serve: %s\n", why.c_str());
    report_failed_start(why);
    os::exit_now(1);
}

void serve(const start_message& message) noexcept {
    os::fail_without_dialogs();
    os::go_on_at_ctrl_break();
    parent_awaits_hello = has_lifeline(message);
    try {
        connect_and_serve(message);
    } catch (const std::bad_alloc&) {
        std::fputs("procpool: a worker ends, since it has no memory\n", stderr);
        if (parent_awaits_hello)
            say(own_lifeline(), hello_head::kind::failed, "no memory");
    } catch (const std::exception& why) {
        std::fprintf(stderr, "procpool: a worker ends, since it cannot go on: %s\n", why.what());
    } catch (...) {
        std::fputs("procpool: a worker ends, since it cannot go on\n", stderr);
    }
    os::exit_now(1);
}

} // namespace procpool::serving
