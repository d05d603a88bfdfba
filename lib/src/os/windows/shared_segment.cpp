// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/shared_segment.hpp"

#include "os/shared_memory.hpp"
#include "os/system_failure.hpp"
#include "os/windows/handles.hpp"

#include <boost/interprocess/exceptions.hpp>

#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include <windows.h>

namespace procpool::os {

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

} // namespace procpool::os
