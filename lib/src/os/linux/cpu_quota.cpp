// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/cpu_quota.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace procpool::os {

namespace {

// Removes the part of `text` before the first `separator`, and the separator; returns that part.
std::string_view take_until(std::string_view& text, char separator) noexcept {
    const std::size_t at = text.find(separator);
    const std::string_view part = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
    return part;
}

std::optional<std::uint64_t> number(std::string_view text) noexcept {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.remove_suffix(1);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<std::size_t> rounded_up(std::optional<std::uint64_t> quota,
                                      std::optional<std::uint64_t> period) noexcept {
    if (!quota || !period || *quota == 0 || *period == 0)
        return std::nullopt;
    return static_cast<std::size_t>((*quota - 1) / *period + 1);
}

bool lists(std::string_view comma_separated, std::string_view word) noexcept {
    while (!comma_separated.empty()) {
        if (take_until(comma_separated, ',') == word)
            return true;
    }
    return false;
}

// Spaces and backslashes in the paths of mountinfo are written as three octal digits.
std::string unescaped(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = 0;
        if (text[i] == '\\' && i + 3 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 4, value, 8).ptr == text.data() + i + 4) {
            result += static_cast<char>(value);
            i += 3;
        } else {
            result += text[i];
        }
    }
    return result;
}

struct group_mount {
    std::string root; // the control group that is seen at `point`
    std::string point;
    bool unified = false;
};

// One line: "36 35 98:0 /root /point rw,noatime shared:1 - cgroup2 cgroup2 rw".
std::optional<group_mount> parse_mount(std::string_view line) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos)
        return std::nullopt;
    std::string_view about = line.substr(dash + 3);
    const std::string_view type = take_until(about, ' ');
    take_until(about, ' ');
    const bool unified = type == "cgroup2";
    if (!unified && (type != "cgroup" || !lists(about, "cpu")))
        return std::nullopt;
    for (int field = 0; field < 3; ++field)
        take_until(line, ' ');
    group_mount mount;
    mount.root = unescaped(take_until(line, ' '));
    mount.point = unescaped(take_until(line, ' '));
    mount.unified = unified;
    return mount;
}

// The path of this process's own group in the hierarchy that `mount` belongs to.
std::optional<std::string_view> own_group(std::string_view own_groups, bool unified) noexcept {
    while (!own_groups.empty()) {
        std::string_view line = take_until(own_groups, '\n');
        const std::string_view hierarchy = take_until(line, ':');
        const std::string_view controllers = take_until(line, ':');
        if (unified ? hierarchy == "0" && controllers.empty() : lists(controllers, "cpu"))
            return line;
    }
    return std::nullopt;
}

// The part of `group` below `root`: for "/a/b" and "/a", "/b". Empty if the mount shows another part of the
// tree, as in a container without a cgroup namespace of its own: there only the top of the mount is visible.
std::string_view below(std::string_view group, std::string_view root) noexcept {
    if (root == "/")
        return group == "/" ? std::string_view() : group;
    if (group.starts_with(root) && (group.size() == root.size() || group[root.size()] == '/'))
        return group.substr(root.size());
    return {};
}

} // namespace

std::optional<std::size_t> cpus_of_cpu_max(std::string_view text) noexcept {
    const std::string_view quota = take_until(text, ' ');
    return rounded_up(number(quota), number(text));
}

std::optional<std::size_t> cpus_of_cfs(std::string_view quota, std::string_view period) noexcept {
    return rounded_up(number(quota), number(period));
}

std::vector<quota_folder> quota_folders(std::string_view own_groups, std::string_view mounts) {
    std::vector<quota_folder> folders;
    while (!mounts.empty()) {
        const auto mount = parse_mount(take_until(mounts, '\n'));
        if (!mount)
            continue;
        const auto group = own_group(own_groups, mount->unified);
        if (!group)
            continue;
        std::string_view path = below(*group, mount->root);
        while (!path.empty()) {
            folders.push_back({mount->point + std::string(path), mount->unified});
            path = path.substr(0, path.rfind('/'));
        }
        folders.push_back({mount->point, mount->unified});
    }
    return folders;
}

} // namespace procpool::os
