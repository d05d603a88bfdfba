// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/windows/process_start.hpp"

#include "os/windows/native.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <windows.h>

namespace procpool::os {

namespace {

bool has_nul(std::string_view text) noexcept {
    return text.find('\0') != std::string_view::npos;
}

void require_name(const std::string& name) {
    if (name.empty() || name.find('=') != std::string::npos || has_nul(name))
        throw std::invalid_argument("an environment variable cannot have the name '" +
                                    name.substr(0, name.find('\0')) + "'");
}

struct variable {
    std::wstring line; // "NAME=value"

    /// Names that begin with "=" hold the current folder of each drive.
    std::wstring_view name() const noexcept { return std::wstring_view(line).substr(0, line.find(L'=', 1)); }
};

/// CSTR_LESS_THAN, CSTR_EQUAL or CSTR_GREATER_THAN, in the order that the system keeps variables in.
int compare_names(const variable& one, const variable& other) noexcept {
    const std::wstring_view left = one.name();
    const std::wstring_view right = other.name();
    return ::CompareStringOrdinal(left.data(), static_cast<int>(left.size()), right.data(),
                                  static_cast<int>(right.size()), TRUE);
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
                               std::span<const std::pair<std::string, std::string>> added,
                               std::span<const std::string> removed) {
    for (const auto& [name, value] : added) {
        require_name(name);
        if (has_nul(value))
            throw std::invalid_argument("the value of the environment variable " + name + " contains a NUL");
    }
    std::vector<variable> gone;
    for (const std::string& name : removed) {
        require_name(name);
        gone.push_back({to_wide(name)});
    }
    // Of equal names the first one here is passed on.
    std::vector<variable> all;
    for (std::size_t i = added.size(); i != 0; --i)
        all.push_back({to_wide(added[i - 1].first + '=' + added[i - 1].second)});
    for (const wchar_t* at = base.c_str(); *at != L'\0';) {
        variable own{at};
        at += own.line.size() + 1;
        if (std::ranges::none_of(
                gone, [&](const variable& each) { return compare_names(each, own) == CSTR_EQUAL; }))
            all.push_back(std::move(own));
    }
    std::ranges::stable_sort(all, [](const variable& one, const variable& other) {
        return compare_names(one, other) == CSTR_LESS_THAN;
    });
    const auto rest = std::unique(all.begin(), all.end(), [](const variable& one, const variable& other) {
        return compare_names(one, other) == CSTR_EQUAL;
    });
    all.erase(rest, all.end());

    std::wstring block;
    for (const variable& each : all)
        block.append(each.line).push_back(L'\0');
    if (block.empty())
        block.push_back(L'\0');
    block.push_back(L'\0');
    return block;
}

namespace {

constexpr const char* not_prepared = "cannot prepare the start of a worker";

unique_handle open_nowhere(DWORD access) {
    SECURITY_ATTRIBUTES inheritable{sizeof inheritable, nullptr, TRUE};
    return own_handle(::CreateFileW(L"NUL", access, FILE_SHARE_READ | FILE_SHARE_WRITE, &inheritable,
                                    OPEN_EXISTING, 0, nullptr),
                      not_prepared);
}

} // namespace

start_attributes::start_attributes() {
    info_.StartupInfo.cb = sizeof info_;
    constexpr DWORD attributes = 2; // handles and job
    SIZE_T bytes = 0;
    ::InitializeProcThreadAttributeList(nullptr, attributes, 0, &bytes);
    memory_ = std::make_unique<std::byte[]>(bytes);
    const auto list = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.get());
    if (::InitializeProcThreadAttributeList(list, attributes, 0, &bytes) == 0)
        throw_last_error(not_prepared);
    attributes_ = list;
}

start_attributes::~start_attributes() {
    ::DeleteProcThreadAttributeList(attributes_);
}

native_handle start_attributes::add(unique_handle copy) {
    list_.push_back(copy.get());
    copies_.push_back(std::move(copy));
    return list_.back();
}

native_handle start_attributes::inherit(native_handle handle) {
    return add(duplicate(handle, true, not_prepared));
}

native_handle start_attributes::stream(native_handle given, DWORD which) {
    if (given != no_handle)
        return inherit(given);
    const HANDLE own = ::GetStdHandle(which);
    HANDLE copy = nullptr;
    const HANDLE self = ::GetCurrentProcess();
    if (own != nullptr && own != INVALID_HANDLE_VALUE &&
        ::DuplicateHandle(self, own, self, &copy, 0, TRUE, DUPLICATE_SAME_ACCESS) != 0)
        return add(unique_handle(copy));
    return add(open_nowhere(GENERIC_WRITE));
}

void start_attributes::set_standard_streams(native_handle output, native_handle errors) {
    info_.StartupInfo.dwFlags |= STARTF_USESTDHANDLES;
    info_.StartupInfo.hStdInput = add(open_nowhere(GENERIC_READ));
    info_.StartupInfo.hStdOutput = stream(output, STD_OUTPUT_HANDLE);
    info_.StartupInfo.hStdError = stream(errors, STD_ERROR_HANDLE);
}

STARTUPINFOEXW& start_attributes::startup_info() {
    if (::UpdateProcThreadAttribute(attributes_, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, list_.data(),
                                    list_.size() * sizeof list_.front(), nullptr, nullptr) == 0 ||
        (job_ != no_handle && ::UpdateProcThreadAttribute(attributes_, 0, PROC_THREAD_ATTRIBUTE_JOB_LIST,
                                                          &job_, sizeof job_, nullptr, nullptr) == 0))
        throw_last_error(not_prepared);
    info_.lpAttributeList = attributes_;
    return info_;
}

} // namespace procpool::os
