// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/windows/environment_block.hpp"

#include "os/windows/text.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string_view>

#include <windows.h>

namespace procpool::os {

namespace {

bool has_nul(std::string_view text) noexcept {
    return text.find('\0') != std::string_view::npos;
}

bool same_name(std::wstring_view one, std::wstring_view other) noexcept {
    return ::CompareStringOrdinal(one.data(), static_cast<int>(one.size()), other.data(),
                                  static_cast<int>(other.size()), TRUE) == CSTR_EQUAL;
}

} // namespace

std::wstring own_environment() {
    const std::unique_ptr<wchar_t, decltype(&::FreeEnvironmentStringsW)> own(::GetEnvironmentStringsW(),
                                                                             &::FreeEnvironmentStringsW);
    std::wstring block;
    for (const wchar_t* at = own.get(); at != nullptr && *at != L'\0';) {
        const std::wstring_view line = at;
        block.append(line).push_back(L'\0');
        at += line.size() + 1;
    }
    block.push_back(L'\0');
    return block;
}

std::wstring environment_block(const std::wstring& base,
                               std::span<const std::pair<std::string, std::string>> added) {
    for (const auto& [name, value] : added) {
        if (name.empty() || name.find('=') != std::string::npos || has_nul(name) || has_nul(value))
            throw std::invalid_argument("procpool: not an environment variable: " + name);
    }
    std::wstring block;
    for (const wchar_t* at = base.c_str(); *at != L'\0';) {
        const std::wstring_view line = at;
        // Names that begin with "=" hold the current folder of each drive.
        const std::wstring_view name = line.substr(0, line.find(L'=', 1));
        if (std::ranges::none_of(
                added, [&](const auto& variable) { return same_name(to_wide(variable.first), name); }))
            block.append(line).push_back(L'\0');
        at += line.size() + 1;
    }
    for (const auto& [name, value] : added)
        block.append(to_wide(name + '=' + value)).push_back(L'\0');
    if (block.empty())
        block.push_back(L'\0');
    block.push_back(L'\0');
    return block;
}

} // namespace procpool::os
