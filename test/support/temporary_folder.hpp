// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_TEMPORARY_FOLDER_HPP
#define PROCPOOL_TEST_TEMPORARY_FOLDER_HPP

#include "support/eventually.hpp"

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#if defined(_WIN32)
#include <random>

#include <windows.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

// Files by which tasks in different processes see each other, independent of the pool.
namespace procpool::test {

/// A folder of its own, which the destructor removes.
class temporary_folder {
  public:
    temporary_folder() {
#if defined(_WIN32)
        const auto place = std::filesystem::temp_directory_path() /
                           ("procpool-test-" + std::to_string(std::random_device()()));
        if (!std::filesystem::create_directory(place))
            throw std::runtime_error("no temporary folder can be made");
        path_ = place.string();
#else
        std::string pattern = std::filesystem::temp_directory_path() / "procpool-test-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no temporary folder can be made");
        path_ = pattern;
#endif
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::string file(const std::string& name) const {
        return path_ + '/' + name;
    }

  private:
    std::string path_;
};

/// Appends a line to a file, in one piece even if other processes append.
inline void append_line(const std::string& path, const std::string& line) {
#if defined(_WIN32)
    const HANDLE file = ::CreateFileA(path.c_str(), GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                      nullptr, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
    // Wine appends in two steps, so the file is locked. The lock is on a byte that is never read.
    OVERLAPPED far_away{};
    far_away.OffsetHigh = 1;
    const std::string text = line + '\n';
    DWORD written = 0;
    if (file == INVALID_HANDLE_VALUE ||
        ::LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &far_away) == 0 ||
        ::SetFilePointer(file, 0, nullptr, FILE_END) == INVALID_SET_FILE_POINTER ||
        ::WriteFile(file, text.data(), static_cast<DWORD>(text.size()), &written, nullptr) == 0)
        throw std::runtime_error("cannot write to " + path);
    ::CloseHandle(file); // and the lock is released
#else
    const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    const std::string text = line + '\n';
    if (file == -1 || ::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("cannot write to " + path);
    ::close(file);
#endif
}

inline std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> out;
    for (std::string line; std::getline(file, line);)
        out.push_back(line);
    return out;
}

inline bool exists(const std::string& path) {
    std::error_code none;
    return std::filesystem::exists(path, none);
}

/// Waits until a file exists, or has this many lines.
inline bool wait_for_file(const std::string& path) {
    return eventually([&] { return exists(path); });
}
inline bool wait_for_lines(const std::string& path, std::size_t lines) {
    return eventually([&] { return lines_of(path).size() >= lines; });
}

} // namespace procpool::test

#endif
