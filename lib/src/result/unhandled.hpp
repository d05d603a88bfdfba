// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_RESULT_UNHANDLED_HPP
#define PROCPOOL_RESULT_UNHANDLED_HPP

#include <exception>

namespace procpool::pooling {

/// Calls the function of set_unhandled.
void report_unhandled(const std::exception_ptr& what) noexcept;

} // namespace procpool::pooling

#endif
