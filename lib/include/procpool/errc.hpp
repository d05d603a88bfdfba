// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERRC_HPP
#define PROCPOOL_ERRC_HPP

// The error codes of procpool: one for each class of <procpool/error.hpp>.

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>

#include <type_traits>

namespace procpool {

/// Errors of a pool. Each value belongs to the class of the same name.
///
/// task_timeout and wait_timeout compare equal to boost::system::errc::timed_out, task_cancelled to
/// boost::system::errc::operation_canceled.
enum class errc {
    pool_closed = 1,
    pool_terminated,
    start_failed,
    worker_lost,
    task_timeout,
    task_cancelled,
    wait_timeout,
    codec_error,
};

/// The category of `errc`. Its name is "procpool".
const boost::system::error_category& pool_category() noexcept;

/// Converts an `errc` to an error_code; found by argument-dependent lookup.
inline boost::system::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), pool_category()};
}

} // namespace procpool

template <>
struct boost::system::is_error_code_enum<procpool::errc> : std::true_type {};

#endif
