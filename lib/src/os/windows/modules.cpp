// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/modules.hpp"

#include "os/system_failure.hpp"
#include "os/windows/native.hpp"

#include <cstring>
#include <span>
#include <stdexcept>
#include <string_view>

#include <windows.h>

#include <tlhelp32.h>

namespace procpool::os {
namespace {

constexpr std::string_view own_section = ".pcpool"; // see library_copy.cpp

const IMAGE_NT_HEADERS& headers_of(const loaded_module& module) {
    const auto& dos = *reinterpret_cast<const IMAGE_DOS_HEADER*>(module.base);
    return *reinterpret_cast<const IMAGE_NT_HEADERS*>(module.base + dos.e_lfanew);
}

std::span<const IMAGE_SECTION_HEADER> sections_of(const loaded_module& module) {
    const auto& headers = headers_of(module);
    const auto* const first =
        reinterpret_cast<const std::byte*>(&headers.OptionalHeader) + headers.FileHeader.SizeOfOptionalHeader;
    return {reinterpret_cast<const IMAGE_SECTION_HEADER*>(first), headers.FileHeader.NumberOfSections};
}

loaded_module describe(const MODULEENTRY32W& entry) {
    loaded_module out;
    out.base = reinterpret_cast<const std::byte*>(entry.modBaseAddr);
    out.bytes = entry.modBaseSize;
    if (entry.hModule != ::GetModuleHandleW(nullptr))
        out.path = to_utf8(entry.szExePath);
    return out;
}

} // namespace

std::vector<loaded_module> loaded_modules() {
    HANDLE table = INVALID_HANDLE_VALUE;
    do { // the list may change meanwhile
        table = ::CreateToolhelp32Snapshot(TH32CS_SNAPMODULE, 0);
    } while (table == INVALID_HANDLE_VALUE && ::GetLastError() == ERROR_BAD_LENGTH);
    if (table == INVALID_HANDLE_VALUE)
        throw_last_error("the modules of this process cannot be listed");
    const unique_handle closes(table);
    std::vector<loaded_module> out;
    MODULEENTRY32W entry{};
    entry.dwSize = sizeof entry;
    for (BOOL more = ::Module32FirstW(table, &entry); more != 0; more = ::Module32NextW(table, &entry))
        out.push_back(describe(entry));
    return out;
}

std::optional<loaded_module> module_at(const void* address) {
    for (auto& module : loaded_modules())
        if (module.contains(address))
            return std::move(module);
    return std::nullopt;
}

std::uint64_t fingerprint(const loaded_module& module) {
    // The linker's time stamp or hash, the sizes and the check sum; what the loader changes is left out.
    const auto& headers = headers_of(module);
    std::uint64_t out = 0xcbf2'9ce4'8422'2325; // FNV-1a
    const auto add = [&](std::uint64_t number) {
        for (int byte = 0; byte != 8; ++byte, number >>= 8)
            out = (out ^ (number & 0xff)) * 0x100'0000'01b3;
    };
    add(headers.FileHeader.TimeDateStamp);
    add(headers.OptionalHeader.SizeOfImage);
    add(headers.OptionalHeader.CheckSum);
    add(headers.OptionalHeader.AddressOfEntryPoint);
    for (const auto& section : sections_of(module)) {
        add(section.VirtualAddress);
        add(section.Misc.VirtualSize);
    }
    return out;
}

void load_library(const std::string& path) {
    if (::LoadLibraryW(to_wide(path).c_str()) == nullptr) {
        const auto code = static_cast<int>(::GetLastError());
        throw_system_failure(code, path + " cannot be loaded");
    }
}

void keep_loaded(const loaded_module& module) noexcept {
    HMODULE handle = nullptr;
    ::GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                         reinterpret_cast<LPCWSTR>(module.base), &handle);
}

std::vector<copy_in_module> copies_of_this_library() {
    std::vector<copy_in_module> out;
    for (auto& module : loaded_modules()) {
        for (const auto& section : sections_of(module)) {
            const auto* const name = reinterpret_cast<const char*>(section.Name);
            if (std::string_view(name, ::strnlen(name, sizeof section.Name)) != own_section ||
                section.Misc.VirtualSize < sizeof(void*))
                continue;
            copy_in_module found;
            std::memcpy(&found.copy, module.base + section.VirtualAddress, sizeof(void*));
            found.where = module;
            out.push_back(std::move(found));
            break;
        }
    }
    return out;
}

} // namespace procpool::os
