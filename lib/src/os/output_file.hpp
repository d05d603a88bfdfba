// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_OUTPUT_FILE_HPP
#define PROCPOOL_OS_OUTPUT_FILE_HPP

#include "os/handles.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace procpool::os {

/// A regular file that this object alone writes. Processes that this one starts do not inherit it.
///
/// Thread safety: one thread at a time.
class output_file {
  public:
    /// Makes the file, or empties it if it exists.
    ///
    /// Errors: throws boost::system::system_error if it cannot be written, is not a regular file, or is open
    ///         in another output_file of any process; then it has not changed.
    explicit output_file(const std::filesystem::path& path);
    output_file(output_file&&) = delete;
    ~output_file();

    /// Replaces bytes, and appends those that are beyond the end.
    ///
    /// Requires: `offset` is not beyond the end.
    /// Errors:   throws boost::system::system_error; then some of the bytes may have been written.
    void write_at(std::uint64_t offset, std::string_view bytes);
    /// Removes all bytes from `size` on. Errors are ignored.
    void cut(std::uint64_t size) noexcept;

  private:
    unique_handle handle_;
};

} // namespace procpool::os

#endif
