// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/waiting.hpp"

#include "os/system_failure.hpp"
#include "os/windows/native.hpp"

#include <utility>

#include <synchapi.h>
#include <windows.h>

namespace procpool::os {

bool prepare_process_fence() noexcept {
    // Wine knows the call, and does nothing there.
    const HMODULE system = ::GetModuleHandleW(L"ntdll.dll");
    return system != nullptr && ::GetProcAddress(system, "wine_get_version") == nullptr;
}

bool process_fence() noexcept {
    ::FlushProcessWriteBuffers(); // cannot fail
    return true;
}

static_assert(sizeof(std::atomic<std::uint32_t>) == 4 && std::atomic<std::uint32_t>::is_always_lock_free,
              "WaitOnAddress compares a plain word");

void park(std::atomic<std::uint32_t>& word, std::uint32_t expected,
          std::optional<std::chrono::steady_clock::time_point> deadline) noexcept {
    ::WaitOnAddress(&word, &expected, sizeof expected, milliseconds_left(deadline));
}

void unpark_one(std::atomic<std::uint32_t>& word) noexcept {
    ::WakeByAddressSingle(&word);
}

void unpark_all(std::atomic<std::uint32_t>& word) noexcept {
    ::WakeByAddressAll(&word);
}

// A bell on which one thread sleeps is an event that one wait resets: one system call a wake. A polled one
// stays set until a thread takes the ring: Asio only sees that it is set, and takes it in its handler, so
// that a wait that was cancelled has taken nothing.

doorbell::doorbell(unique_handle handle, doorbell_kind kind) noexcept
    : handle_(std::move(handle))
    , kind_(kind) {}

doorbell doorbell::create(doorbell_kind kind) {
    const BOOL stays_set = kind == doorbell_kind::polled ? TRUE : FALSE;
    return doorbell(own_handle(::CreateEventW(nullptr, stays_set, FALSE, nullptr),
                               "cannot create a doorbell (CreateEvent)"),
                    kind);
}

doorbell doorbell::adopt(unique_handle handle) {
    const char* const what = "cannot use the inherited doorbell";
    handle = adopt_handle(std::move(handle), what);
    event_basic_information about{};
    if (::NtQueryEvent(handle.get(), 0, &about, sizeof about, nullptr) < 0)
        throw_system_failure(ERROR_INVALID_HANDLE, what);
    return doorbell(std::move(handle), about.type == 0 ? doorbell_kind::polled : doorbell_kind::blocking);
}

bool doorbell::ring() const noexcept {
    const DWORD saved = ::GetLastError();
    const bool rung = ::SetEvent(handle_.get()) != 0;
    ::SetLastError(saved);
    return rung;
}

doorbell::state doorbell::take() const noexcept {
    LONG was_set = 0;
    if (::NtResetEvent(handle_.get(), &was_set) < 0)
        return state::broken;
    return was_set != 0 ? state::rung : state::silent;
}

/// For a blocking bell, this has taken the ring already.
bool doorbell::poll_until(std::optional<std::chrono::steady_clock::time_point> deadline) const noexcept {
    for (;;) {
        if (::WaitForSingleObject(handle_.get(), milliseconds_left(deadline)) != WAIT_TIMEOUT)
            return true; // an error cannot be slept on: the caller looks at what he waits for, and comes back
        if (is_past(deadline))
            return false;
    }
}

bool doorbell::wait() const noexcept {
    for (;;) {
        if (::WaitForSingleObject(handle_.get(), INFINITE) != WAIT_OBJECT_0)
            return false;
        if (kind_ == doorbell_kind::blocking)
            return true;
        if (const auto found = take(); found != state::silent)
            return found == state::rung;
    }
}

bool doorbell::wait_until(std::optional<std::chrono::steady_clock::time_point> deadline) const noexcept {
    while (poll_until(deadline)) {
        if (kind_ == doorbell_kind::blocking || take() != state::silent)
            return true;
    }
    return false;
}

void doorbell::clear() const noexcept {
    take();
}

// There are no signals that a thread could take from the program.
signal_mask own_signal_mask() noexcept {
    return {};
}
with_signal_mask::with_signal_mask(const signal_mask& during) noexcept : before_(during) {}
with_signal_mask::~with_signal_mask() = default;

std::thread make_service_thread(std::function<void()> body) {
    return std::thread(std::move(body));
}

} // namespace procpool::os
