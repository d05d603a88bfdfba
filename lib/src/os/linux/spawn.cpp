// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/linux/spawn.hpp"

#include "os/handles.hpp"
#include "os/modules.hpp"
#include "os/system_failure.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

namespace procpool::os {
namespace {

constexpr const char* running_image = "/proc/self/exe";

/// Not access(), which checks the rights of the real user, without the capabilities of this process.
bool has_access(const char* file, int mode) noexcept {
    return ::faccessat(AT_FDCWD, file, mode, AT_EACCESS) == 0;
}

bool is_same_file(const std::string& one, const std::string& other) noexcept {
    struct stat first {};
    struct stat second {};
    return ::stat(one.c_str(), &first) == 0 && ::stat(other.c_str(), &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/// The file that /proc/self/maps shows at this address; empty if there is none.
std::string file_mapped_at(const void* address) {
    std::ifstream maps("/proc/self/maps");
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    for (std::string line; std::getline(maps, line);) { // "begin-end rights offset device inode   path"
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        const char* const last = line.data() + line.size();
        const auto dash = std::from_chars(line.data(), last, begin, 16);
        if (dash.ptr == last || std::from_chars(dash.ptr + 1, last, end, 16).ec != std::errc())
            continue;
        if (wanted < begin || wanted >= end)
            continue;
        const auto path = line.find('/');
        return path == std::string::npos ? std::string() : line.substr(path);
    }
    return {};
}

bool is_own_dynamic_loader(const std::string& file) {
    const auto modules = loaded_modules();
    return std::ranges::any_of(modules, [&](const loaded_module& module) {
        return !module.path.empty() && is_same_file(module.path, file);
    });
}

/// The arguments of the dynamic loader, up to and including the program's name.
std::vector<std::string> loader_arguments(const std::string& program) {
    std::ostringstream text;
    text << std::ifstream("/proc/self/cmdline").rdbuf();
    std::istringstream words(text.str());
    std::vector<std::string> out;
    std::string word;
    std::getline(words, word, '\0'); // the loader's own name
    while (std::getline(words, word, '\0')) {
        if (is_same_file(word, program)) {
            out.push_back(program);
            return out;
        }
        out.push_back(word);
    }
    return {program}; // a title has replaced the command line
}

own_program find() {
    if (!has_access(running_image, X_OK)) {
        const auto* const name = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
        std::error_code none;
        return {name != nullptr ? std::filesystem::absolute(name, none).string() : running_image, {}};
    }
    const auto modules = loaded_modules(); // the program is the first
    const auto program = modules.empty() ? std::string() : file_mapped_at(modules.front().base);
    if (program.empty() || is_same_file(program, running_image))
        return {running_image, {}};
    if (!has_access(program.c_str(), F_OK)) // deleted or replaced: only the running image is left
        return {running_image, {}};
    if (is_own_dynamic_loader(running_image))
        return {running_image, loader_arguments(program)};
    // The image is another program's, for example an emulator's: maps shows a replaced file as deleted.
    return {program, {}};
}

} // namespace

const own_program& find_own_program() {
    static const own_program own = find();
    return own;
}

namespace {

using move_list = std::vector<descriptor_move>;

bool is_source(const move_list& pending, int descriptor) {
    return std::ranges::any_of(pending, [&](const descriptor_move& move) {
        return move.from == descriptor && move.to != descriptor;
    });
}

// The lowest descriptor, from `from` on, that is not the source of a pending move.
int spare_descriptor(const move_list& pending, int from) {
    while (is_source(pending, from))
        ++from;
    return from;
}

bool has_nul(std::string_view text) {
    return text.find('\0') != std::string_view::npos;
}

void require_name(const std::string& name) {
    if (name.empty() || name.find('=') != std::string::npos || has_nul(name))
        throw std::invalid_argument("an environment variable cannot have the name '" +
                                    name.substr(0, name.find('\0')) + "'");
}

} // namespace

std::vector<descriptor_move> plan_moves(std::span<const int> sources, int first) {
    move_list pending;
    int target = first;
    for (const int source : sources)
        pending.push_back({source, target++});

    move_list plan;
    while (!pending.empty()) {
        // A target that is not the source of another move can be filled now.
        const auto ready = std::ranges::find_if(
            pending, [&](const descriptor_move& move) { return !is_source(pending, move.to); });
        if (ready != pending.end()) {
            plan.push_back(*ready);
            pending.erase(ready);
            continue;
        }
        // Only cycles are left (3 to 4, 4 to 3). Moving one source to a spare descriptor opens a cycle.
        const int parked = pending.front().from;
        const int spare = spare_descriptor(pending, target);
        plan.push_back({parked, spare});
        for (descriptor_move& move : pending) {
            if (move.from == parked)
                move.from = spare;
        }
    }
    return plan;
}

std::vector<std::string> merge_environment(std::span<const std::string> base,
                                           std::span<const std::pair<std::string, std::string>> added,
                                           std::span<const std::string> removed) {
    for (const auto& [name, value] : added) {
        require_name(name);
        if (has_nul(value))
            throw std::invalid_argument("the value of the environment variable " + name + " contains a NUL");
    }
    std::vector<std::string> result;
    std::set<std::string_view> gone;
    for (const std::string& name : removed) {
        require_name(name);
        gone.insert(name);
    }
    std::map<std::string_view, std::string_view> set;
    for (const auto& [name, value] : added) {
        gone.insert(name);
        set.insert_or_assign(name, value);
    }
    for (const std::string& line : base) {
        if (!gone.contains(std::string_view(line).substr(0, line.find('='))))
            result.emplace_back(line);
    }
    for (const auto& [name, value] : set)
        result.push_back(std::string(name).append("=").append(value));
    return result;
}

} // namespace procpool::os

#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
#define PROCPOOL_HAS_CLOSEFROM 1
#endif
#if !__GLIBC_PREREQ(2, 29)
#define PROCPOOL_LACKS_FCHDIR 1
#endif
#endif

namespace procpool::os {

namespace {

void require(int code) {
    if (code != 0)
        throw_system_failure(code, "cannot prepare the start of a worker");
}

// Whether the host lets its children inherit this descriptor. If the host has closed its standard streams,
// such a number may belong to a file of the host or of a library; that file has the close-on-exec flag.
bool is_for_children(int descriptor) {
    const int flags = ::fcntl(descriptor, F_GETFD);
    return flags != -1 && (flags & FD_CLOEXEC) == 0;
}

} // namespace

namespace {

constexpr std::size_t word_bits = 8 * sizeof(unsigned long); // the kernel takes words of this size
/// More than any kernel supports.
constexpr std::size_t max_cpus = std::size_t{1} << 16;

cpu_set_t* as_cpu_set(std::vector<unsigned long>& words) noexcept {
    return reinterpret_cast<cpu_set_t*>(words.data());
}

/// The CPUs of this thread. Errors: throws `boost::system::system_error`.
std::vector<unsigned long> own_cpus() {
    // The kernel refuses a set that is smaller than its own, even if the machine has few CPUs.
    for (std::size_t cpus = CPU_SETSIZE; cpus <= max_cpus; cpus *= 2) {
        std::vector<unsigned long> words(cpus / word_bits);
        if (::sched_getaffinity(0, cpus / 8, as_cpu_set(words)) == 0)
            return words;
        if (errno != EINVAL)
            break;
    }
    throw_system_failure(errno, "cannot start a worker: the CPUs of this thread are not known");
}

bool set_own_cpus(std::vector<unsigned long>& words) noexcept {
    return ::sched_setaffinity(0, words.size() * sizeof(unsigned long), as_cpu_set(words)) == 0;
}

[[noreturn]] void throw_no_such_cpu(std::size_t cpu) {
    throw_system_failure(EINVAL, "cannot start a worker: CPU " + std::to_string(cpu) +
                                     " does not exist, or this process may not use it");
}

} // namespace

thread_on_cpus::thread_on_cpus(std::span<const std::size_t> cpus) {
    auto before = own_cpus();
    std::vector<unsigned long> wanted(before.size());
    for (const std::size_t cpu : cpus) {
        if (cpu / word_bits >= wanted.size())
            throw_no_such_cpu(cpu);
        wanted[cpu / word_bits] |= 1UL << cpu % word_bits;
    }
    if (!set_own_cpus(wanted)) {
        const int code = errno;
        if (code == EINVAL) // none of them can be used
            throw_no_such_cpu(cpus.front());
        throw_system_failure(code, "cannot start a worker: it cannot be bound to CPUs");
    }
    before_ = std::move(before); // from here on the destructor's work has to be done
    try {
        // The kernel leaves out the CPUs that it does not grant.
        const auto granted = own_cpus();
        for (const std::size_t cpu : cpus)
            if ((granted[cpu / word_bits] >> cpu % word_bits & 1UL) == 0)
                throw_no_such_cpu(cpu);
    } catch (...) {
        restore();
        throw;
    }
}

thread_on_cpus::~thread_on_cpus() {
    restore();
}

/// The CPUs may have been taken from this process meanwhile; then it may use all that are left.
void thread_on_cpus::restore() noexcept {
    if (set_own_cpus(before_))
        return;
    std::fill(before_.begin(), before_.end(), ~0UL);
    set_own_cpus(before_);
}

spawn_settings::spawn_settings() {
    require(::posix_spawn_file_actions_init(&actions_));
    const int code = ::posix_spawnattr_init(&attributes_);
    if (code != 0) {
        ::posix_spawn_file_actions_destroy(&actions_);
        require(code);
    }
}

spawn_settings::~spawn_settings() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
}

void spawn_settings::move_descriptor(const descriptor_move& move) {
    // If both numbers are equal, this clears the close-on-exec flag.
    require(::posix_spawn_file_actions_adddup2(&actions_, move.from, move.to));
}

void spawn_settings::set_standard_streams(int output, int errors) {
    constexpr const char* nowhere = "/dev/null";
    require(::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, nowhere, O_RDONLY, 0));
    for (const auto& [stream, given] : {std::pair(STDOUT_FILENO, output), std::pair(STDERR_FILENO, errors)}) {
        if (given != no_handle)
            move_descriptor({given, stream});
        else if (!is_for_children(stream))
            require(::posix_spawn_file_actions_addopen(&actions_, stream, nowhere, O_WRONLY, 0));
    }
}

void spawn_settings::enter([[maybe_unused]] int folder) {
#if !defined(PROCPOOL_LACKS_FCHDIR)
    if (::faccessat(folder, ".", X_OK, AT_EACCESS) == 0)
        require(::posix_spawn_file_actions_addfchdir_np(&actions_, folder));
#endif
}

#if defined(PROCPOOL_HAS_CLOSEFROM)

void spawn_settings::close_from(int first) {
    require(::posix_spawn_file_actions_addclosefrom_np(&actions_, first));
}

#else

// Closes the descriptors that are open here without close-on-exec now. A descriptor that another thread opens
// at this moment is missed. Later C libraries close all of them, in the child.
void spawn_settings::close_from(int first) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        const int descriptor = std::atoi(entry.path().filename().c_str());
        if (descriptor >= first && is_for_children(descriptor))
            require(::posix_spawn_file_actions_addclose(&actions_, descriptor));
    }
}

#endif

void spawn_settings::isolate() {
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    require(::posix_spawnattr_setsigmask(&attributes_, &none));
    require(::posix_spawnattr_setsigdefault(&attributes_, &all));
    require(::posix_spawnattr_setpgroup(&attributes_, 0));
    require(::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                         POSIX_SPAWN_SETPGROUP));
}

} // namespace procpool::os
