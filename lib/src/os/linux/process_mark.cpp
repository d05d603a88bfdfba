// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/process_mark.hpp"

#include "os/self.hpp"
#include "os/shared_memory.hpp"
#include "os/system_failure.hpp"

#include <cerrno>
#include <new>

#include <sys/mman.h>

namespace procpool::os {
namespace {

using mark = std::atomic<std::uint32_t>;
static_assert(mark::is_always_lock_free);

std::atomic<mark*> current{nullptr}; // of this process, or of the one that it is a copy of
std::atomic<bool> is_watching{false};

/// For kernels and emulators that do not clear the page: the C library calls this in what fork() made.
void clear_in_copies() {
    if (is_watching.exchange(true))
        return;
    try {
        call_in_forked_copies([] {
            if (auto* const inherited = current.load(std::memory_order_relaxed))
                inherited->store(0, std::memory_order_relaxed);
        });
    } catch (...) {
        is_watching = false;
        throw;
    }
}

mark* make_mark() {
    void* const page =
        ::mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        throw_system_failure(errno, "cannot get a page of memory");
    ::madvise(page, page_size(), MADV_WIPEONFORK); // it reads as zeros in a copy
    return new (page) mark(1);
}

} // namespace

const std::atomic<std::uint32_t>& process_mark() {
    clear_in_copies();
    auto* seen = current.load(std::memory_order_acquire);
    while (seen == nullptr || seen->load(std::memory_order_relaxed) == 0) {
        auto* const made = make_mark();
        if (current.compare_exchange_strong(seen, made, std::memory_order_acq_rel))
            return *made;
        ::munmap(made, page_size());
    }
    return *seen;
}

} // namespace procpool::os
