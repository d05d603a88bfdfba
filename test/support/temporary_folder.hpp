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

#include <fcntl.h>
#include <unistd.h>

// How tasks in different processes see each other, apart from the pool that runs them: by files.
namespace procpool::test {

/// A folder of its own, which goes with the object.
class temporary_folder {
  public:
    temporary_folder() {
        std::string pattern = std::filesystem::temp_directory_path() / "procpool-test-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no temporary folder can be made");
        path_ = pattern;
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::string file(const std::string& name) const { return path_ + '/' + name; }

  private:
    std::string path_;
};

/// Appends a line to a file, in one piece whoever else does.
inline void append_line(const std::string& path, const std::string& line) {
    const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    const std::string text = line + '\n';
    if (file == -1 || ::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("cannot write to " + path);
    ::close(file);
}

inline std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> out;
    for (std::string line; std::getline(file, line);)
        out.push_back(line);
    return out;
}

inline bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

/// Waits until a file exists, or has so many lines.
inline bool wait_for_file(const std::string& path) {
    return eventually([&] { return exists(path); });
}
inline bool wait_for_lines(const std::string& path, std::size_t lines) {
    return eventually([&] { return lines_of(path).size() >= lines; });
}

} // namespace procpool::test

#endif
