// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_MEMORY_GROUP_HPP
#define PROCPOOL_TEST_MEMORY_GROUP_HPP

#include "support/eventually.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

// A control group with a memory limit, for tests. Linux only, and only if the system permits one.
namespace procpool::test {

/// The folder in which this process may create groups that limit memory, according to its own groups. In
/// version 1 of control groups, which is tried first, this is its own group. In version 2, a group with
/// processes cannot contain limited groups, so the new group is created beside it.
class memory_hierarchy {
  public:
    static std::optional<memory_hierarchy> own() {
        std::optional<memory_hierarchy> second;
        std::ifstream mounts("/proc/self/mountinfo");
        for (std::string line; std::getline(mounts, line);) {
            memory_hierarchy found;
            std::string root;
            std::string point;
            std::string type;
            std::string options;
            std::string skipped;
            const auto dash = line.find(" - ");
            if (dash == std::string::npos)
                continue;
            std::istringstream before(line.substr(0, dash));
            std::istringstream after(line.substr(dash + 3));
            before >> skipped >> skipped >> skipped >> root >> point;
            after >> type >> skipped >> options;
            found.is_second_ = type == "cgroup2";
            if (!found.is_second_ && (type != "cgroup" || !lists(options, "memory")))
                continue;
            const auto group = found.own_group();
            if (!group)
                continue;
            found.folder_ = point + below(*group, root);
            if (!found.is_second_)
                return found;
            if (found.folder_ != point)
                found.folder_ = found.folder_.substr(0, found.folder_.rfind('/'));
            second = found;
        }
        return second;
    }

    const std::string& folder() const { return folder_; }
    bool is_second() const { return is_second_; }

  private:
    static bool lists(const std::string& comma_separated, const std::string& word) {
        std::istringstream in(comma_separated);
        for (std::string each; std::getline(in, each, ',');)
            if (each == word)
                return true;
        return false;
    }

    std::optional<std::string> own_group() const {
        std::ifstream groups("/proc/self/cgroup");
        for (std::string line; std::getline(groups, line);) { // "4:memory:/group"
            const auto first = line.find(':');
            const auto next = line.find(':', first + 1);
            if (first == std::string::npos || next == std::string::npos)
                continue;
            const auto controllers = line.substr(first + 1, next - first - 1);
            if (is_second_ ? controllers.empty() : lists(controllers, "memory"))
                return line.substr(next + 1);
        }
        return std::nullopt;
    }

    /// For "/a/b" and "/a", "/b". A mount that shows another part of the tree shows only its top.
    static std::string below(const std::string& group, const std::string& root) {
        if (root == "/")
            return group == "/" ? "" : group;
        return group.starts_with(root + '/') ? group.substr(root.size()) : "";
    }

    std::string folder_;
    bool is_second_ = false;
};

/// A group of processes with a common memory limit, which includes shared memory. The destructor waits until
/// its processes have ended, and removes the group.
class memory_group {
  public:
    /// Errors: throws a std::runtime_error that says what is not permitted.
    explicit memory_group(std::uint64_t limit_bytes) {
        const auto hierarchy = memory_hierarchy::own();
        if (!hierarchy)
            throw std::runtime_error("no control group of memory is to be seen");
        std::string pattern = hierarchy->folder() + "/procpool-test-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no control group can be made in " + hierarchy->folder() + ": " +
                                     std::strerror(errno));
        folder_ = pattern;
        try {
            const auto limit = std::to_string(limit_bytes);
            set(hierarchy->is_second() ? "memory.max" : "memory.limit_in_bytes", limit);
            // Swap, if it exists and is counted, must not take the memory that exceeds the limit.
            const std::string swap =
                hierarchy->is_second() ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
            if (::access((folder_ + '/' + swap).c_str(), F_OK) == 0)
                set(swap, hierarchy->is_second() ? "0" : limit);
        } catch (...) {
            ::rmdir(folder_.c_str());
            throw;
        }
    }
    memory_group(const memory_group&) = delete;
    memory_group& operator=(const memory_group&) = delete;
    ~memory_group() { static_cast<void>(remove()); }

    /// The file to which a process number is written in order to move the process here; 0 moves the writer.
    std::string members() const { return folder_ + "/cgroup.procs"; }

    /// Removes the group. False: a process is left in it.
    bool remove() {
        return eventually([&] { return ::rmdir(folder_.c_str()) == 0 || errno == ENOENT; });
    }

    /// Why no group can be created here; nullopt if one can.
    static std::optional<std::string> obstacle() {
        try {
            memory_group group(std::uint64_t{1} << 30);
            if (::access(group.members().c_str(), W_OK) != 0)
                return "no process can be moved to a control group: " + std::string(std::strerror(errno));
        } catch (const std::runtime_error& why) {
            return why.what();
        }
        return std::nullopt;
    }

  private:
    void set(const std::string& name, const std::string& value) const {
        std::ofstream file(folder_ + '/' + name);
        if (!(file << value << std::flush))
            throw std::runtime_error("cannot set " + name + " of a control group in " + folder_);
    }

    std::string folder_;
};

} // namespace procpool::test

#endif
