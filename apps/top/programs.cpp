// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "top/programs.hpp"

#include "status/layout.hpp"

#include <procpool/version.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace top {
namespace {

using procpool::os::unique_handle;

/// Files of /proc do not change in the middle of a system call; a signal may interrupt one.
int open_at(int folder, const char* path, int flags) noexcept {
    int out = -1;
    do
        out = ::openat(folder, path, flags | O_CLOEXEC);
    while (out == -1 && errno == EINTR);
    return out;
}

std::size_t read_at(int file, std::uint64_t offset, std::span<std::byte> to) noexcept {
    std::size_t done = 0;
    while (done != to.size()) {
        const auto got = ::pread(file, to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
        if (got <= 0 && !(got == -1 && errno == EINTR))
            break;
        done += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return done;
}

std::string text_of_file(int folder, const char* name) {
    const unique_handle file(open_at(folder, name, O_RDONLY));
    std::string out(16 * 1024, '\0');
    out.resize(file ? read_at(file.get(), 0, std::as_writable_bytes(std::span(out))) : 0);
    return out;
}

std::string link_text(int folder, const char* name) {
    char out[512];
    const auto got = ::readlinkat(folder, name, out, sizeof out);
    return got > 0 ? std::string(out, static_cast<std::size_t>(got)) : std::string();
}

/// What /proc/PID/status says after `key`.
std::string_view status_field(std::string_view status, std::string_view key) {
    const auto at = status.find('\n' + std::string(key) + ":\t");
    if (at == status.npos)
        return {};
    status.remove_prefix(at + key.size() + 3);
    return status.substr(0, status.find('\n'));
}

std::optional<long> number_in(std::string_view text) {
    long out = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
    return failure == std::errc{} && end != text.data() ? std::optional(out) : std::nullopt;
}

/// The PID in the namespace of the process itself: the last one.
std::int64_t inner_pid(std::string_view status, long pid) {
    auto all = status_field(status, "NSpid");
    if (const auto last = all.find_last_of(" \t"); last != all.npos)
        all.remove_prefix(last + 1);
    return number_in(all).value_or(pid);
}

std::string user_name(long uid) {
    const auto* const found = ::getpwuid(static_cast<uid_t>(uid));
    return found == nullptr ? "of the number " + std::to_string(uid) : printable(found->pw_name);
}

std::string process_text(long pid) {
    return "process " + std::to_string(pid);
}

[[noreturn]] void fail_without_rights(long pid, std::string_view status) {
    const auto uid = number_in(status_field(status, "Uid"));
    if (uid && static_cast<uid_t>(*uid) != ::geteuid())
        throw program_error(process_text(pid) + " belongs to the user " + user_name(*uid) +
                            ", and only that user or root may look into it");
    throw program_error(process_text(pid) +
                        " does not let other programs look into it (it has changed its user, "
                        "or forbids it by PR_SET_DUMPABLE): only root may");
}

bool has_ended(std::string_view status) {
    const auto state = status_field(status, "State");
    return status.empty() || state.starts_with('Z') || state.starts_with('X');
}

std::string name_of_program(int folder) {
    auto path = link_text(folder, "exe");
    constexpr std::string_view deleted = " (deleted)";
    if (path.ends_with(deleted))
        path.resize(path.size() - deleted.size());
    auto name = std::filesystem::path(path).filename().string();
    if (name.empty()) {
        name = text_of_file(folder, "comm");
        name.resize(std::min(name.find('\n'), name.size()));
    }
    return printable(name);
}

/// Opens memory of a program for reading. The program could have put any file there, of a kind that waits or acts
/// when it is opened: so it is looked at before.
unique_handle open_memory(int folder, const char* name, std::uint64_t* number = nullptr) {
    const unique_handle found(open_at(folder, name, O_PATH));
    struct stat about {};
    struct statfs system {};
    constexpr decltype(system.f_type) tmpfs = 0x01021994;
    if (!found || ::fstatfs(found.get(), &system) == -1 || system.f_type != tmpfs ||
        ::fstat(found.get(), &about) == -1 || !S_ISREG(about.st_mode))
        return {};
    if (number != nullptr)
        *number = about.st_ino;
    char itself[32];
    std::snprintf(itself, sizeof itself, "/proc/self/fd/%d", found.get());
    return unique_handle(open_at(AT_FDCWD, itself, O_RDONLY | O_NONBLOCK | O_NOCTTY));
}

memory memory_of(unique_handle file) {
    return [shared = std::make_shared<unique_handle>(std::move(file))](std::uint64_t offset,
                                                                       std::span<std::byte> to) {
        return read_at(shared->get(), offset, to);
    };
}

std::chrono::nanoseconds now() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

struct close_folder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};
using listing = std::unique_ptr<DIR, close_folder>;

/// The folder of descriptors. Errors: returns null, with errno.
listing open_listing(int folder, const char* name) {
    const int file = open_at(folder, name, O_RDONLY | O_DIRECTORY);
    if (file == -1)
        return nullptr;
    listing out(::fdopendir(file));
    if (!out)
        ::close(file);
    return out;
}

/// The descriptors of pages, by name. Errors: sets errno if the folder or a link must not be read.
std::vector<std::string> pages_in(DIR* folder) {
    const auto wanted = std::string("/memfd:") + procpool::status::memory_name;
    std::vector<std::string> out;
    int why = 0;
    errno = 0;
    while (const auto* const entry = ::readdir(folder)) {
        errno = 0;
        const auto target = link_text(::dirfd(folder), entry->d_name);
        if (target.empty() && (errno == EACCES || errno == EPERM))
            why = errno;
        if (target == wanted || target == wanted + " (deleted)")
            out.emplace_back(entry->d_name);
        errno = 0;
    }
    errno = errno != 0 ? errno : why;
    return out;
}

} // namespace

program::program(long pid)
    : pid_(pid)
    , folder_(open_at(AT_FDCWD, ("/proc/" + std::to_string(pid)).c_str(), O_PATH | O_DIRECTORY)) {
    if (folder_)
        return;
    const unique_handle all(open_at(AT_FDCWD, "/proc/self", O_PATH | O_DIRECTORY));
    if (!all)
        throw program_error("/proc is not mounted, and nothing else shows the memory of programs");
    throw program_ended("there is no " + process_text(pid) + " that this user may see");
}

program_view program::view() const {
    const auto status = text_of_file(folder_.get(), "status");
    if (has_ended(status))
        throw program_ended(process_text(pid_) + " has ended");
    if (const auto group = number_in(status_field(status, "Tgid")); group && *group != pid_)
        throw program_error(std::to_string(pid_) + " is a thread of " + process_text(*group));
    const auto folder = open_listing(folder_.get(), "fd");
    const auto fail = [&](int why) {
        const auto later = text_of_file(folder_.get(), "status");
        if (has_ended(later) || why == ENOENT || why == ESRCH)
            throw program_ended(process_text(pid_) + " has ended");
        if (why == EACCES || why == EPERM)
            fail_without_rights(pid_, status);
        throw program_error("the descriptors of " + process_text(pid_) +
                            " cannot be read: " + std::generic_category().message(why));
    };
    if (!folder)
        fail(errno);
    const auto pages = pages_in(folder.get());
    if (pages.empty() && errno != 0)
        fail(errno);
    program_view out;
    out.pid = pid_;
    out.name = name_of_program(folder_.get());
    const auto state = status_field(status, "State");
    out.stopped = state.starts_with('T') || state.starts_with('t');
    const auto descriptors = ::dirfd(folder.get());
    const channel_finder channels = [&](std::uint32_t descriptor,
                                        std::uint64_t number) -> std::optional<memory> {
        std::uint64_t found = 0;
        auto file = open_memory(descriptors, std::to_string(descriptor).c_str(), &found);
        if (!file || found != number)
            return std::nullopt;
        return memory_of(std::move(file));
    };
    for (const auto& page : pages) {
        auto file = open_memory(descriptors, page.c_str());
        if (!file) // closed, or the process has ended
            continue;
        try {
            if (auto pool = read_pool(memory_of(std::move(file)), inner_pid(status, pid_), channels, now()))
                out.pools.push_back(*std::move(pool));
        } catch (const other_version& why) {
            out.not_shown.push_back(std::string("a pool is not shown: ") + why.what() +
                                    " than that of procpool-top " + std::to_string(PROCPOOL_VERSION_MAJOR) +
                                    '.' + std::to_string(PROCPOOL_VERSION_MINOR) + '.' +
                                    std::to_string(PROCPOOL_VERSION_PATCH));
        } catch (const unreadable& why) {
            out.not_shown.push_back(std::string("what looks like a pool cannot be read: ") + why.what());
        }
    }
    std::ranges::sort(out.pools, {}, &pool_view::number);
    return out;
}

std::vector<program_view> all_programs() {
    const auto folder = open_listing(AT_FDCWD, "/proc");
    if (!folder)
        throw program_error("/proc cannot be read: " + std::generic_category().message(errno));
    std::vector<program_view> out;
    while (const auto* const entry = ::readdir(folder.get())) {
        const auto pid = number_in(entry->d_name);
        if (!pid)
            continue;
        try {
            const program each(*pid);
            struct stat about {};
            const bool is_own = ::fstatat(::dirfd(folder.get()), entry->d_name, &about, 0) == 0 &&
                                about.st_uid == ::geteuid();
            if (!is_own && ::geteuid() != 0)
                continue;
            auto view = each.view();
            if (!view.pools.empty() || !view.not_shown.empty())
                out.push_back(std::move(view));
        } catch (const program_error&) { // it has ended, or is protected
        }
    }
    std::ranges::sort(out, {}, &program_view::pid);
    return out;
}

} // namespace top
