// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/shared_memory.hpp"

#include "os/page_range.hpp"
#include "os/system_failure.hpp"
#include "os/windows/handles.hpp"
#include "os/windows/native_api.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include <windows.h>

namespace procpool::os {

namespace {

/// No more than this can ever be had, and what is reserved needs page tables at once.
std::uint64_t most_bytes() noexcept {
    MEMORYSTATUSEX status{};
    status.dwLength = sizeof status;
    return ::GlobalMemoryStatusEx(&status) != 0 ? status.ullTotalPageFile : ~std::uint64_t{0};
}

std::uint64_t granularity() noexcept {
    static const std::uint64_t bytes = [] {
        SYSTEM_INFO about{};
        ::GetSystemInfo(&about);
        return std::uint64_t{about.dwAllocationGranularity};
    }();
    return bytes;
}

/// A part of the memory, mapped for a moment.
class view {
  public:
    view(const shared_memory& memory, std::uint64_t offset, std::uint64_t bytes) noexcept
        : skipped_(static_cast<std::size_t>(offset % granularity())) {
        const std::uint64_t from = offset - skipped_;
        base_ = ::MapViewOfFile(memory.handle(), FILE_MAP_WRITE, static_cast<DWORD>(from >> 32),
                                static_cast<DWORD>(from), static_cast<SIZE_T>(bytes) + skipped_);
    }
    view(const view&) = delete;
    view& operator=(const view&) = delete;
    ~view() {
        if (base_ != nullptr)
            ::UnmapViewOfFile(base_);
    }

    void* data() const noexcept { return base_ == nullptr ? nullptr : static_cast<char*>(base_) + skipped_; }

  private:
    std::size_t skipped_;
    void* base_ = nullptr;
};

} // namespace

shared_memory::shared_memory(unique_handle handle, std::uint64_t size) noexcept
    : handle_(std::move(handle))
    , target_(target_of(handle_.get()))
    , size_(size) {}

// Reserved in the page file, and committed by ensure_memory: there, and in every view of it, at once.
shared_memory shared_memory::create(std::uint64_t bytes) {
    if (bytes == 0)
        throw std::invalid_argument("procpool: shared memory of 0 bytes");
    const std::string what = "cannot reserve " + std::to_string(bytes) + " bytes of shared memory";
    if (bytes > most_bytes())
        throw_system_failure(ERROR_COMMITMENT_LIMIT, what);
    return shared_memory(
        own_handle(::CreateFileMappingW(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE | SEC_RESERVE,
                                        static_cast<DWORD>(bytes >> 32), static_cast<DWORD>(bytes), nullptr),
                   what),
        bytes);
}

shared_memory shared_memory::adopt(unique_handle handle) {
    const char* const what = "cannot use the inherited shared memory";
    handle = adopt_handle(std::move(handle), what);
    section_basic_information about{};
    if (::NtQuerySection(handle.get(), 0, &about, sizeof about, nullptr) < 0 || about.size.QuadPart <= 0)
        throw_system_failure(ERROR_INVALID_HANDLE, what + std::string(": it is none"));
    return shared_memory(std::move(handle), static_cast<std::uint64_t>(about.size.QuadPart));
}

unique_handle read_only(unique_handle handle) noexcept {
    const HANDLE self = ::GetCurrentProcess();
    HANDLE reading = nullptr;
    if (::DuplicateHandle(self, handle.get(), self, &reading, FILE_MAP_READ | SECTION_QUERY, FALSE, 0) == 0)
        return handle;
    return unique_handle(reading);
}

boost::interprocess::mapping_handle_t shared_memory::get_mapping_handle() const noexcept {
    return {handle_.get(), true};
}

void ensure_memory(const shared_memory& memory, std::uint64_t offset, std::uint64_t bytes) {
    if (offset > memory.size() || bytes > memory.size() - offset)
        throw std::out_of_range("procpool: bytes outside the shared memory");
    if (bytes == 0)
        return;
    const view part(memory, offset, bytes);
    if (part.data() == nullptr ||
        ::VirtualAlloc(part.data(), static_cast<SIZE_T>(bytes), MEM_COMMIT, PAGE_READWRITE) == nullptr)
        throw_last_error("cannot get " + std::to_string(bytes) + " bytes of shared memory");
}

// What was committed in the page file stays so; the system need not keep what was in it.
void release_memory(const shared_memory& memory, std::uint64_t offset, std::uint64_t bytes) noexcept {
    if (offset > memory.size())
        return;
    const page_range pages = whole_pages(offset, std::min(bytes, memory.size() - offset), page_size());
    if (pages.bytes == 0)
        return;
    const view part(memory, pages.offset, pages.bytes);
    if (part.data() != nullptr)
        ::VirtualAlloc(part.data(), static_cast<SIZE_T>(pages.bytes), MEM_RESET, PAGE_READWRITE);
}

void exclude_from_core_dump(const boost::interprocess::mapped_region&) noexcept {
    // A dump has shared memory in it only if whoever makes it asks for that.
}

std::size_t page_size() noexcept {
    static const std::size_t size = [] {
        SYSTEM_INFO about{};
        ::GetSystemInfo(&about);
        return std::size_t{about.dwPageSize};
    }();
    return size;
}

} // namespace procpool::os
