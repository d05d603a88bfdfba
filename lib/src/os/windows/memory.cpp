// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/memory.hpp"

#include "os/page_range.hpp"
#include "os/system_failure.hpp"
#include "os/windows/native.hpp"

#include <boost/interprocess/exceptions.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <windows.h>

namespace procpool::os {

namespace {

MEMORYSTATUSEX memory_of_system() noexcept {
    MEMORYSTATUSEX status{};
    status.dwLength = sizeof status;
    if (::GlobalMemoryStatusEx(&status) == 0)
        status.ullTotalPageFile = status.ullTotalPhys = std::numeric_limits<DWORDLONG>::max();
    return status;
}

/// No more than this can ever be had.
std::uint64_t max_bytes() noexcept {
    return memory_of_system().ullTotalPageFile;
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
    if (bytes > max_bytes())
        throw_system_failure(ERROR_COMMITMENT_LIMIT, what);
    return shared_memory(
        own_handle(::CreateFileMappingW(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE | SEC_RESERVE,
                                        static_cast<DWORD>(bytes >> 32), static_cast<DWORD>(bytes), nullptr),
                   what),
        bytes);
}

/// Another program would have to duplicate a handle of this one, and has no list of them.
std::optional<shared_memory> shared_memory::create_shown(std::uint64_t) {
    return std::nullopt;
}

void shared_memory::seal() const noexcept {}

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

std::uint64_t reservable_memory() noexcept {
    return memory_of_system().ullTotalPhys;
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
    // A dump contains shared memory only if the program that writes it asks for that.
}

std::size_t page_size() noexcept {
    static const std::size_t size = [] {
        SYSTEM_INFO about{};
        ::GetSystemInfo(&about);
        return std::size_t{about.dwPageSize};
    }();
    return size;
}

namespace ipc = boost::interprocess;

namespace {

/// What a segment begins with.
struct alignas(shared_segment::alignment) segment_header {
    std::uint64_t key = 0;
    std::uint64_t bytes = 0;
};
static_assert(sizeof(segment_header) == shared_segment::alignment);

/// A name that is seen in this session only. It is gone with the last region that is mapped, each of which
/// has a handle of the mapping.
std::wstring name_of(std::uint64_t id) {
    return L"Local\\procpool-" + std::to_wstring(id);
}

/// What `mapped_region` asks for.
struct named_mapping {
    unique_handle handle;

    ipc::mapping_handle_t get_mapping_handle() const noexcept { return {handle.get(), true}; }
    ipc::mode_t get_mode() const noexcept { return ipc::read_write; }
};

bool means_no_memory(int code) noexcept {
    switch (code) {
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_COMMITMENT_LIMIT:
    case ERROR_DISK_FULL:
    case ERROR_NO_SYSTEM_RESOURCES:
    case ERROR_INVALID_PARAMETER: // more than a mapping may have
        return true;
    default:
        return false;
    }
}

ipc::mapped_region map(const named_mapping& mapping, std::size_t bytes) {
    try {
        return {mapping, ipc::read_write, 0, bytes};
    } catch (const ipc::interprocess_exception& why) {
        const int code = static_cast<int>(why.get_native_error());
        if (means_no_memory(code))
            throw std::bad_alloc();
        throw_system_failure(code, "cannot map shared memory (MapViewOfFile)");
    }
}

/// Whether the whole of it is there; a region may be as big as its mapping, whose end is that of a page.
bool has_bytes(const ipc::mapped_region& region, std::size_t bytes) noexcept {
    return region.get_size() >= bytes;
}

} // namespace

shared_segment::shared_segment(ipc::mapped_region region, const segment_ticket& ticket) noexcept
    : region_(std::move(region))
    , ticket_(ticket) {}

std::byte* shared_segment::data() const noexcept {
    return static_cast<std::byte*>(region_.get_address()) + sizeof(segment_header);
}

shared_segment shared_segment::create(std::uint64_t bytes) {
    if (bytes > std::numeric_limits<std::size_t>::max() - sizeof(segment_header))
        throw std::bad_alloc();
    const auto whole = static_cast<std::size_t>(bytes) + sizeof(segment_header);
    const segment_header header{random_number(), bytes};
    const std::uint64_t id = random_number();
    named_mapping mapping;
    mapping.handle.reset(::CreateFileMappingW(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE,
                                              static_cast<DWORD>(std::uint64_t{whole} >> 32),
                                              static_cast<DWORD>(whole), name_of(id).c_str()));
    const int code = static_cast<int>(::GetLastError());
    if (!mapping.handle && means_no_memory(code))
        throw std::bad_alloc();
    if (!mapping.handle || code == ERROR_ALREADY_EXISTS)
        throw_system_failure(code, "cannot create " + std::to_string(bytes) + " bytes of shared memory");
    shared_segment made(map(mapping, whole), {id, header.key, bytes});
    std::memcpy(made.region_.get_address(), &header, sizeof header);
    return made;
}

std::optional<shared_segment> shared_segment::attach(const segment_ticket& ticket) {
    if (ticket.bytes > std::numeric_limits<std::size_t>::max() - sizeof(segment_header))
        return std::nullopt;
    const auto whole = static_cast<std::size_t>(ticket.bytes) + sizeof(segment_header);
    named_mapping mapping;
    // With the right to ask for its size, which Boost does.
    constexpr DWORD rights = FILE_MAP_READ | FILE_MAP_WRITE | SECTION_QUERY;
    mapping.handle.reset(::OpenFileMappingW(rights, FALSE, name_of(ticket.id).c_str()));
    if (!mapping.handle)
        return std::nullopt;
    // All of it first: asking for more than there is would be an error like any other.
    ipc::mapped_region all = map(mapping, 0);
    if (!has_bytes(all, whole))
        return std::nullopt;
    segment_header header;
    std::memcpy(&header, all.get_address(), sizeof header);
    if (header.key != ticket.key || header.bytes != ticket.bytes)
        return std::nullopt;
    return shared_segment(std::move(all), ticket);
}

namespace ipc = boost::interprocess;

sparse_mapping::sparse_mapping(const shared_memory& memory, access how, std::uint64_t offset,
                               std::uint64_t bytes)
    : region_(memory, how == access::read_write ? ipc::read_write : ipc::read_only,
              static_cast<ipc::offset_t>(offset), static_cast<std::size_t>(bytes)) {}

std::byte* sparse_mapping::data() const noexcept {
    return static_cast<std::byte*>(region_.get_address());
}

std::size_t sparse_mapping::size() const noexcept {
    return region_.get_size();
}

void sparse_mapping::exclude_from_copies() noexcept {}

const std::atomic<std::uint32_t>& process_mark() {
    static constinit std::atomic<std::uint32_t> mark{1};
    return mark;
}

} // namespace procpool::os
