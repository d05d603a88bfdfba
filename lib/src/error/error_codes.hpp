// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_ERROR_ERROR_CODES_HPP
#define PROCPOOL_ERROR_ERROR_CODES_HPP

// How an error code crosses processes: its value and the name of its category. The categories of the standard
// library, of Boost.System, of Boost.Asio and of procpool are found again by their names. Of any other
// category a stand-in remains: same value, same name, but equal only to itself.

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
