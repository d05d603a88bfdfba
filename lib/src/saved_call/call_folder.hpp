// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SAVED_CALL_CALL_FOLDER_HPP
#define PROCPOOL_SAVED_CALL_CALL_FOLDER_HPP

#include "saved_call/saved_call.hpp"

#include <procpool/detail/call/job.hpp>
#include <procpool/options.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace procpool::saved_calls {

/// Part of a file's name that every file system accepts: letters, digits and some signs of `task_name`, at
/// most 80 of them.
std::string file_name_of(std::string_view task_name);

/// pool_options::keep_failed_calls_in.
///
/// Thread safety: any thread.
class call_folder {
  public:
    /// Null: the pool keeps no calls.
    ///
    /// Errors: throws std::bad_alloc.
    static std::unique_ptr<const call_folder> of(const pool_options& options);

    call_folder(std::filesystem::path folder, std::uint64_t seed) : folder_(std::move(folder)), seed_(seed) {}

    /// Copies the item's bytes, and returns an exception that contains them and `why`, for `save`: the item
    /// may be saved when the pool's memory is gone.
    ///
    /// Errors: throws std::bad_alloc.
    std::exception_ptr keep(const std::exception_ptr& why, const detail::job& of, std::uint32_t item,
                            long worker_pid) const;
    /// Writes the file, and returns the `why` that was passed to `keep`, with the path, or with the reason
    /// why there is none. Blocks as long as the file system does. Any other exception is returned
    /// unchanged.
    static std::exception_ptr save(const std::exception_ptr& kept) noexcept;

  private:
    std::filesystem::path write(saved_call& call, long worker_pid) const;

    const std::filesystem::path folder_;
    const std::uint64_t seed_;
    mutable std::atomic<std::uint64_t> last_number_{0};
};

} // namespace procpool::saved_calls

#endif
