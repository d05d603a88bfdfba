// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/crash_watch.hpp"

#include <boost/stacktrace/safe_dump_to.hpp>

#include <algorithm>
#include <cstring>
#include <iterator>

#include <errno.h>
#include <link.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace procpool::os {

namespace {

constexpr int faults[]{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
/// Time limit for a report: walking a damaged stack may not end, and the walk may need a lock that is held.
constexpr unsigned max_seconds = 2;

crash_record* record_of_process = nullptr;
pid_t watched_process = 0;
std::atomic<bool> crashing{false};
// The handler has its own stack, since after a stack overflow the program's stack has no room.
alignas(16) std::byte fault_stack[64 * 1024];

bool has_default_action(int signal_number) noexcept {
    struct sigaction now {};
    return ::sigaction(signal_number, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0 &&
           now.sa_handler == SIG_DFL;
}

/// Ends the process by this signal when the handler returns, as if there were no handler. A core dump shows
/// the original cause.
void die_of(int signal_number, siginfo_t& why) noexcept {
    struct sigaction by_default {};
    by_default.sa_handler = SIG_DFL;
    ::sigaction(signal_number, &by_default, nullptr);
    if (::syscall(SYS_rt_tgsigqueueinfo, ::getpid(), ::syscall(SYS_gettid), signal_number, &why) == -1)
        ::raise(signal_number);
}

/// SIGALRM ends this process if the report is not finished in time.
void limit_report() noexcept {
    struct sigaction by_default {};
    by_default.sa_handler = SIG_DFL;
    ::sigaction(SIGALRM, &by_default, nullptr);
    sigset_t alone;
    sigemptyset(&alone);
    sigaddset(&alone, SIGALRM);
    ::pthread_sigmask(SIG_UNBLOCK, &alone, nullptr);
    ::alarm(max_seconds);
}

/// Index of a module in the record; adds the module if it is new.
template <class Record>
std::uint32_t module_index(Record& record, const char* name) noexcept {
    const auto length = std::min(::strlen(name), crash_record::max_name_bytes - 1);
    for (std::uint32_t i = 0; i != record.module_count; ++i) {
        if (std::strncmp(record.modules[i], name, length) == 0 && record.modules[i][length] == '\0')
            return i;
    }
    if (record.module_count == crash_record::max_modules)
        return crash_record::no_module;
    auto& added = record.modules[record.module_count];
    std::memcpy(added, name, length);
    added[length] = '\0';
    return record.module_count++;
}

bool contains(const dl_phdr_info& module, std::uint64_t address) noexcept {
    for (unsigned i = 0; i != module.dlpi_phnum; ++i) {
        const auto& segment = module.dlpi_phdr[i];
        if (segment.p_type == PT_LOAD && address - module.dlpi_addr - segment.p_vaddr < segment.p_memsz)
            return true;
    }
    return false;
}

template <class Record>
int name_places(dl_phdr_info* module, std::size_t, void* of) noexcept {
    auto& record = *static_cast<Record*>(of);
    for (std::uint32_t i = 0; i != record.places.load(std::memory_order_relaxed); ++i) {
        auto& place = record.stack[i];
        if (place.module != crash_record::no_module || !contains(*module, place.offset))
            continue;
        place.module = module_index(record, module->dlpi_name);
        if (place.module != crash_record::no_module)
            place.offset -= module->dlpi_addr;
    }
    return 0;
}

/// Stores the addresses first, so that they are in the record even if finding the modules fails.
/// `handler_returns_to`: the return address of the handler; the frame of the fault comes next.
template <class Record>
void record_stack(Record& record, const void* handler_returns_to) noexcept {
    constexpr std::size_t own_frames = 8; // more frames than the handler can have
    const void* addresses[crash_record::max_places + own_frames];
    const auto end = addresses + boost::stacktrace::safe_dump_to(0, addresses, sizeof addresses);
    auto each = std::find(addresses, end, handler_returns_to);
    each = each == end ? addresses : each + 1;
    std::uint32_t found = 0;
    for (; each != end && *each != nullptr && found != crash_record::max_places; ++each, ++found)
        record.stack[found] = {reinterpret_cast<std::uint64_t>(*each), crash_record::no_module};
    record.places.store(found, std::memory_order_release);
    ::dl_iterate_phdr(name_places<Record>, &record);
}

/// Whether the kernel has set the address: not if a process sent the signal, or if the fault has no address.
bool has_address(int signal_number, const siginfo_t& why) noexcept {
    return (signal_number == SIGSEGV || signal_number == SIGBUS || signal_number == SIGFPE ||
            signal_number == SIGILL) &&
           why.si_code > 0 && why.si_code != SI_KERNEL;
}

void write_record(int signal_number, siginfo_t* why, void*) noexcept {
    const int errno_before = errno;
    if (::getpid() == watched_process) { // a child that a task forked shares the record, and must not write
        while (crashing.exchange(true))
            ::pause(); // another thread crashed first; it ends the process
        auto& record = *record_of_process;
        record.cause = static_cast<std::uint32_t>(signal_number);
        record.has_address = has_address(signal_number, *why) ? 1 : 0;
        record.address = record.has_address != 0 ? reinterpret_cast<std::uint64_t>(why->si_addr) : 0;
        record.causes.store(1, std::memory_order_release);
        limit_report();
        record_stack(record, __builtin_return_address(0));
        ::alarm(0);
    }
    die_of(signal_number, *why);
    errno = errno_before;
}

struct place_sought {
    std::string_view module;
    std::uint64_t offset;
    const void* found;
};

int find_place(dl_phdr_info* module, std::size_t, void* sought) noexcept {
    auto& place = *static_cast<place_sought*>(sought);
    const auto address = module->dlpi_addr + place.offset;
    if (place.module != module->dlpi_name || !contains(*module, address))
        return 0;
    place.found = reinterpret_cast<const void*>(address);
    return 1;
}

} // namespace

void watch_for_crashes(crash_record& record) noexcept {
    record_of_process = &record;
    watched_process = ::getpid();
    // The first walk of a stack may load a library and allocate memory; later walks use the same.
    const void* warmed_up[4];
    static_cast<void>(boost::stacktrace::safe_dump_to(0, warmed_up, sizeof warmed_up));

    stack_t stack{};
    stack.ss_sp = fault_stack;
    stack.ss_size = sizeof fault_stack;
    stack_t before{};
    // An existing alternate stack, for example a sanitizer's, stays in use.
    if (::sigaltstack(nullptr, &before) == 0 && (before.ss_flags & SS_DISABLE) != 0)
        ::sigaltstack(&stack, nullptr);

    struct sigaction action {};
    action.sa_sigaction = write_record;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (const int fault : faults)
        sigaddset(&action.sa_mask, fault); // a fault in the handler ends the process at once
    for (const int fault : faults) {
        if (has_default_action(fault))
            ::sigaction(fault, &action, nullptr);
    }
}

namespace {

struct stack_requests {
    static constexpr std::size_t max_records = 4;

    stack_record* records = nullptr;
    std::size_t count = 0;
    void (*answered)(std::size_t) = nullptr;
    pid_t thread = 0;
    std::atomic<int> signal_number{0}; // 0: there is none, or the members above are not yet set
    std::atomic<std::uint64_t> pending[max_records];
};
stack_requests requests;

/// In the thread that runs tasks.
void write_stacks(int, siginfo_t*, void*) noexcept {
    const int errno_before = errno;
    if (::getpid() == watched_process && ::syscall(SYS_gettid) == requests.thread) {
        for (std::size_t i = 0; i != requests.count; ++i) {
            const auto number = requests.pending[i].exchange(0, std::memory_order_acq_rel);
            if (number == 0)
                continue;
            auto& record = requests.records[i];
            record.answers.store(0, std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_release); // a reader of what follows sees the 0
            record.module_count = 0;
            record_stack(record, __builtin_return_address(0));
            record.answers.store(number, std::memory_order_release);
            requests.answered(i);
        }
    }
    errno = errno_before;
}

bool has_own_handler(int signal_number) noexcept {
    struct sigaction now {};
    return ::sigaction(signal_number, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) != 0 &&
           now.sa_sigaction == write_stacks;
}

} // namespace

void watch_for_stack_requests(stack_record* records, std::size_t count,
                              void (*answered)(std::size_t)) noexcept {
    requests.records = records;
    requests.count = std::min(count, stack_requests::max_records);
    requests.answered = answered;
    requests.thread = static_cast<pid_t>(::syscall(SYS_gettid));
    struct sigaction action {};
    action.sa_sigaction = write_stacks;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigfillset(&action.sa_mask); // no other handler runs in the middle of it
    for (const int fault : faults)
        sigdelset(&action.sa_mask, fault);
    for (int candidate = SIGRTMAX - 1; candidate > SIGRTMIN; --candidate) {
        if (has_default_action(candidate) && ::sigaction(candidate, &action, nullptr) == 0) {
            requests.signal_number.store(candidate, std::memory_order_release);
            break;
        }
    }
}

void request_stack(std::size_t record, std::uint64_t number) noexcept {
    // The default action would end the process, and another handler belongs to a task.
    const int number_of_signal = requests.signal_number.load(std::memory_order_acquire);
    if (number_of_signal == 0 || !has_own_handler(number_of_signal))
        return;
    requests.pending[record].store(number, std::memory_order_release);
    ::syscall(SYS_tgkill, ::getpid(), requests.thread, number_of_signal);
}

const void* loaded_place(std::string_view module, std::uint64_t offset) noexcept {
    place_sought place{module, offset, nullptr};
    ::dl_iterate_phdr(find_place, &place);
    return place.found;
}

} // namespace procpool::os
