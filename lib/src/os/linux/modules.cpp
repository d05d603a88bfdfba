// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/modules.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

namespace procpool::os {
namespace {

using note_header = ElfW(Nhdr);
using program_header = ElfW(Phdr);

constexpr std::string_view own_note_name{"procpool", sizeof "procpool"}; // see library_copy.cpp
constexpr std::string_view gnu_note_name{"GNU", sizeof "GNU"};

std::span<const program_header> headers_of(const dl_phdr_info& info) {
    return {info.dlpi_phdr, info.dlpi_phnum};
}

const std::byte* address(const dl_phdr_info& info, ElfW(Addr) offset) {
    return reinterpret_cast<const std::byte*>(info.dlpi_addr + offset);
}

loaded_module describe(const dl_phdr_info& info, bool is_program) {
    ElfW(Addr) begin = ~ElfW(Addr){0};
    ElfW(Addr) end = 0;
    for (const auto& header : headers_of(info)) {
        if (header.p_type != PT_LOAD)
            continue;
        begin = std::min(begin, header.p_vaddr);
        end = std::max(end, header.p_vaddr + header.p_memsz);
    }
    loaded_module out;
    if (!is_program && info.dlpi_name != nullptr)
        out.path = info.dlpi_name;
    if (begin < end) {
        out.base = address(info, begin);
        out.bytes = end - begin;
    }
    return out;
}

/// All modules, the program first. They are copied inside the iteration and used later, since the dynamic
/// loader holds a lock meanwhile, which an exception would leave locked.
std::vector<dl_phdr_info> all_modules() {
    struct list {
        std::vector<dl_phdr_info> found;
        std::size_t modules = 0;
    } out;
    do {
        out.found.clear();
        out.found.reserve(out.modules + 8);
        out.modules = 0;
        ::dl_iterate_phdr(
            [](dl_phdr_info* info, std::size_t, void* data) {
                auto& to = *static_cast<list*>(data);
                if (++to.modules <= to.found.capacity())
                    to.found.push_back(*info);
                return 0;
            },
            &out);
    } while (out.modules > out.found.size());
    return std::move(out.found);
}

/// The contents of the note of this name and type; empty if the module has none.
std::span<const std::byte> find_note(const dl_phdr_info& info, std::string_view name, unsigned type) {
    for (const auto& header : headers_of(info)) {
        if (header.p_type != PT_NOTE)
            continue;
        const std::size_t alignment = header.p_align == 8 ? 8 : 4;
        const auto aligned = [&](std::size_t size) {
            return (size + alignment - 1) / alignment * alignment;
        };
        std::span<const std::byte> left(address(info, header.p_vaddr), header.p_memsz);
        while (left.size() >= sizeof(note_header)) {
            note_header note;
            std::memcpy(&note, left.data(), sizeof note);
            const std::size_t contents_at = aligned(sizeof note + note.n_namesz);
            const std::size_t end = aligned(contents_at + note.n_descsz);
            if (contents_at > left.size() || note.n_descsz > left.size() - contents_at)
                break;
            if (note.n_type == type && note.n_namesz == name.size() &&
                std::memcmp(left.data() + sizeof note, name.data(), name.size()) == 0)
                return left.subspan(contents_at, note.n_descsz);
            left = left.subspan(std::min(end, left.size()));
        }
    }
    return {};
}

class hash {
  public:
    void add(std::span<const std::byte> bytes) noexcept {
        for (const std::byte byte : bytes)
            value_ = (value_ ^ static_cast<std::uint64_t>(byte)) * 0x100'0000'01b3;
    }
    std::uint64_t value() const noexcept { return value_; }

  private:
    std::uint64_t value_ = 0xcbf2'9ce4'8422'2325; // FNV-1a
};

std::uint64_t fingerprint(const dl_phdr_info& info) {
    constexpr std::size_t max_bytes = 1 << 20;
    hash out;
    const auto headers = headers_of(info);
    out.add(std::as_bytes(headers));
    const auto build_id = find_note(info, gnu_note_name, NT_GNU_BUILD_ID);
    out.add(build_id);
    for (const auto& header : headers) {
        if (build_id.empty() && header.p_type == PT_LOAD && (header.p_flags & PF_W) == 0 &&
            (header.p_flags & PF_R) != 0)
            out.add({address(info, header.p_vaddr), std::min<std::size_t>(header.p_filesz, max_bytes)});
    }
    return out.value();
}

} // namespace

std::vector<loaded_module> loaded_modules() {
    std::vector<loaded_module> out;
    for (const auto& info : all_modules())
        out.push_back(describe(info, out.empty()));
    return out;
}

std::optional<loaded_module> module_at(const void* address) {
    for (auto& module : loaded_modules())
        if (module.contains(address))
            return std::move(module);
    return std::nullopt;
}

std::uint64_t fingerprint(const loaded_module& module) {
    for (const auto& info : all_modules())
        if (describe(info, false).base == module.base)
            return fingerprint(info);
    return 0;
}

void load_library(const std::string& path) {
    if (::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
        const char* const why = ::dlerror();
        throw std::runtime_error(why != nullptr ? why : path + " cannot be loaded");
    }
}

void keep_loaded(const loaded_module& module) noexcept {
    // The call adds a reference to the module; the handle is not needed.
    static_cast<void>(::dlopen(module.path.c_str(), RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE));
}

std::vector<copy_in_module> copies_of_this_library() {
    std::vector<copy_in_module> out;
    bool is_program = true;
    for (const auto& info : all_modules()) {
        const auto note = find_note(info, own_note_name, 1);
        std::int64_t distance = 0;
        if (note.size() == sizeof distance) {
            std::memcpy(&distance, note.data(), sizeof distance);
            // Only the note is in a read-only segment; the object that it points to can be written.
            out.push_back({describe(info, is_program), const_cast<std::byte*>(note.data() + distance)});
        }
        is_program = false;
    }
    return out;
}

} // namespace procpool::os
