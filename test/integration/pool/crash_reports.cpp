// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/nothing_left_behind.hpp"
#include "support/pool_facts.hpp"
#include "support/pool_main.hpp"

#include <procpool/procpool.hpp>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

// The report of a crashed worker shows the place and the reason. The names of the functions are searched for
// in stacks, and must not be part of other names.

/// AddressSanitizer would report faults itself, and exit.
extern "C" const char* __asan_default_options() {
    return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0";
}

namespace work {

[[gnu::noinline]] int read_at(std::uintptr_t address) {
    return *reinterpret_cast<volatile int*>(address) + 1;
}

[[gnu::noinline]] int crash_on(int item, int victim) {
    return item == victim ? read_at(0x10) + 1 : item;
}

[[gnu::noinline]] int touch_past_the_end() {
    const auto page = static_cast<std::size_t>(::getpagesize());
    const int file = ::memfd_create("short", 0);
    void* const mapped = ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    return *static_cast<volatile int*>(mapped); // beyond the end of the file
}

__attribute__((noinline, no_sanitize("undefined"))) int divide(int by) {
    return 100 / by;
}

[[gnu::noinline]] int execute_nothing() {
    __builtin_trap();
}

[[gnu::noinline]] int raise_it(int signal_number) {
    return std::raise(signal_number);
}

[[gnu::noinline]] int overflow_stack(volatile int* from) {
    volatile int here[1000]{};
    here[0] = *from;
    if (*from == 0) // never
        return 0;
    return overflow_stack(here) + here[0];
}

[[gnu::noinline]] int overflow() {
    volatile int start = 1;
    return overflow_stack(&start);
}

template <class E>
void throw_it(const E& what) {
    throw what;
}

[[gnu::noinline]] int throw_from_noexcept(const std::string& text) {
    [&]() noexcept {
        throw_it(std::runtime_error(text));
    }();
    return 0;
}

[[gnu::noinline]] int terminate_without_reason() {
    std::terminate();
}

[[gnu::noinline]] int throw_a_number() {
    []() noexcept {
        throw_it(42);
    }();
    return 0;
}

[[gnu::noinline]] int crash_in_thread() {
    std::thread([] { read_at(0x20); }).join();
    return 0;
}

/// A child of the task crashes, which does not concern the worker; then the worker is killed.
[[gnu::noinline]] int crash_in_child() {
    const auto child = ::fork();
    if (child == 0)
        read_at(0x30);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSEGV)
        std::exit(77);
    return std::raise(SIGKILL);
}

/// The task has its own handler, which replaces the library's.
[[gnu::noinline]] int exit_in_own_handler() {
    std::signal(SIGSEGV, [](int) { ::_exit(55); });
    return read_at(0x40);
}

} // namespace work

namespace {

struct loss {
    std::string text;
    std::string stack;
    std::optional<int> signal_number;
    std::optional<int> exit_status;
    std::optional<std::size_t> item;
};

loss loss_in(const std::function<void(procpool::pool&)>& call) {
    procpool::pool pool(1);
    try {
        call(pool);
    } catch (const procpool::worker_lost& caught) {
        const auto* const info = procpool::get_remote_info(caught);
        BOOST_REQUIRE(info != nullptr);
        return {caught.what(), info->stack, caught.signal_number(), caught.exit_status(), info->item_index};
    }
    BOOST_FAIL("no worker was lost");
    return {};
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(crash_reports, procpool::test::nothing_left_behind)

BOOST_AUTO_TEST_CASE(a_bad_address_is_named_with_the_functions_that_led_to_it) {
    const auto lost =
        loss_in([](auto& pool) { pool.apply(procpool::fn<work::read_at>, std::uintptr_t{0x10}); });
    BOOST_TEST(lost.signal_number.value() == SIGSEGV);
    BOOST_TEST(has(lost.text, "signal 11 (SIGSEGV) at address 0x10"), lost.text);
    BOOST_TEST(lost.stack.starts_with(" 0# work::read_at"), lost.stack);
}

BOOST_AUTO_TEST_CASE(an_item_of_a_map_is_named) {
    const auto lost = loss_in([](auto& pool) {
        const std::vector<int> items{0, 1, 2, 3, 4};
        pool.map([](int item) { return work::crash_on(item, 3); }, items, {.chunk_size = 5});
    });
    BOOST_TEST(lost.item.value() == 3u);
    BOOST_TEST(has(lost.text, "item 3"), lost.text);
    BOOST_TEST(has(lost.stack, "work::read_at"), lost.stack);
}

BOOST_AUTO_TEST_CASE(the_address_beyond_a_file_is_named) {
    const auto lost = loss_in([](auto& pool) { pool.apply(procpool::fn<work::touch_past_the_end>); });
    BOOST_TEST(lost.signal_number.value() == SIGBUS);
    BOOST_TEST(has(lost.text, "(SIGBUS) at address 0x"), lost.text);
    BOOST_TEST(has(lost.stack, "work::touch_past_the_end"), lost.stack);
}

BOOST_AUTO_TEST_CASE(the_instruction_that_cannot_be_executed_is_named) {
    const auto divided = loss_in([](auto& pool) { pool.apply(procpool::fn<work::divide>, 0); });
    BOOST_TEST(divided.signal_number.value() == SIGFPE);
    BOOST_TEST(has(divided.text, "(SIGFPE) at address 0x"), divided.text);
    BOOST_TEST(has(divided.stack, "work::divide"), divided.stack);
    const auto trapped = loss_in([](auto& pool) { pool.apply(procpool::fn<work::execute_nothing>); });
    BOOST_TEST(trapped.signal_number.value() == SIGILL);
    BOOST_TEST(has(trapped.stack, "work::execute_nothing"), trapped.stack);
}

BOOST_AUTO_TEST_CASE(a_signal_that_was_sent_has_a_stack_and_no_address) {
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP}) {
        const auto lost = loss_in([&](auto& pool) { pool.apply(procpool::fn<work::raise_it>, number); });
        BOOST_TEST(lost.signal_number.value() == number);
        BOOST_TEST(!has(lost.text, "at address"), lost.text);
        BOOST_TEST(has(lost.stack, "work::raise_it"), lost.stack);
    }
}

BOOST_AUTO_TEST_CASE(a_signal_that_is_no_fault_is_told_without_a_stack) {
    for (const int number : {SIGKILL, SIGTERM, SIGUSR1}) {
        const auto lost = loss_in([&](auto& pool) { pool.apply(procpool::fn<work::raise_it>, number); });
        BOOST_TEST(lost.signal_number.value() == number);
        BOOST_TEST(lost.stack.empty(), lost.stack);
    }
}

BOOST_AUTO_TEST_CASE(a_stack_that_overflowed_is_told_from_its_end) {
    const auto lost = loss_in([](auto& pool) { pool.apply(procpool::fn<work::overflow>); });
    BOOST_TEST(lost.signal_number.value() == SIGSEGV);
    BOOST_TEST(has(lost.text, "at address 0x"), lost.text);
    BOOST_TEST(has(lost.stack, "work::overflow_stack"), lost.stack);
}

BOOST_AUTO_TEST_CASE(an_exception_that_nobody_could_catch_is_named) {
    const auto lost = loss_in(
        [](auto& pool) { pool.apply(procpool::fn<work::throw_from_noexcept>, std::string("no way out")); });
    BOOST_TEST(lost.signal_number.value() == SIGABRT);
    BOOST_TEST(has(lost.text,
                   "called std::terminate() because of std::runtime_error: no way out, and was killed by "
                   "signal 6 (SIGABRT)"),
               lost.text);
    BOOST_TEST(has(lost.stack, "work::throw_from_noexcept"), lost.stack);
}

BOOST_AUTO_TEST_CASE(what_is_no_exception_object_is_named_by_its_type) {
    const auto lost = loss_in([](auto& pool) { pool.apply(procpool::fn<work::throw_a_number>); });
    BOOST_TEST(has(lost.text, "because of int,"), lost.text);
}

BOOST_AUTO_TEST_CASE(a_long_text_is_cut) {
    const auto lost = loss_in(
        [](auto& pool) { pool.apply(procpool::fn<work::throw_from_noexcept>, std::string(100'000, 'x')); });
    BOOST_TEST(has(lost.text, std::string(2000, 'x')));
    BOOST_TEST(lost.text.size() < 3000u);
}

BOOST_AUTO_TEST_CASE(termination_without_an_exception_is_told) {
    const auto lost = loss_in([](auto& pool) { pool.apply(procpool::fn<work::terminate_without_reason>); });
    BOOST_TEST(has(lost.text, "called std::terminate() and was killed by signal 6 (SIGABRT)"), lost.text);
}

BOOST_AUTO_TEST_CASE(a_crash_in_another_thread_of_the_task_is_told) {
    const auto lost = loss_in([](auto& pool) { pool.apply(procpool::fn<work::crash_in_thread>); });
    BOOST_TEST(has(lost.text, "(SIGSEGV) at address 0x20"), lost.text);
    BOOST_TEST(has(lost.stack, "work::read_at"), lost.stack);
}

BOOST_AUTO_TEST_CASE(a_crash_of_a_child_of_the_task_is_not_taken_for_the_workers) {
    const auto lost = loss_in([](auto& pool) { pool.apply(procpool::fn<work::crash_in_child>); });
    BOOST_TEST(lost.signal_number.value() == SIGKILL);
    BOOST_TEST(!has(lost.text, "at address"), lost.text);
    BOOST_TEST(lost.stack.empty(), lost.stack);
}

BOOST_AUTO_TEST_CASE(a_handler_that_a_task_sets_is_called_instead) {
    const auto lost = loss_in([](auto& pool) { pool.apply(procpool::fn<work::exit_in_own_handler>); });
    BOOST_TEST(lost.exit_status.value() == 55);
    BOOST_TEST(lost.stack.empty(), lost.stack);
}

BOOST_AUTO_TEST_CASE(an_initializer_that_crashes_is_told_by_its_address) {
    try {
        procpool::pool pool(
            {.processes = 1,
             .initializer = procpool::bind(procpool::fn<work::read_at>, std::uintptr_t{0x50})});
        BOOST_FAIL("the pool was made");
    } catch (const procpool::start_failed& caught) {
        BOOST_TEST(has(caught.what(), "(SIGSEGV) at address 0x50"), caught.what());
    }
}

BOOST_AUTO_TEST_SUITE_END()

int main(int argc, char** argv) {
    return procpool::test::pool_main(argc, argv);
}
