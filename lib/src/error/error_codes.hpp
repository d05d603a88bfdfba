// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_ERROR_CODES_HPP
#define PROCPOOL_ERROR_ERROR_CODES_HPP

// The encoding of an error code: its value and the name of its category. The categories of the standard
// library, of Boost.System, of Boost.Asio and of procpool are found by their names. Any other category is
// replaced by a placeholder with the same value and name, which compares equal only to itself.

#include <procpool/codec.hpp>

#include <boost/system/error_code.hpp>

#include <system_error>

namespace procpool::detail {

void encode_error_code(encoder& out, const std::error_code& code);
void encode_error_code(encoder& out, const boost::system::error_code& code);

std::error_code decode_std_error_code(decoder& in);
boost::system::error_code decode_boost_error_code(decoder& in);

} // namespace procpool::detail

#endif
