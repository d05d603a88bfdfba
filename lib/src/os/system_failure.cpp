// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/system_failure.hpp"

#include <boost/system/system_category.hpp>
#include <boost/system/system_error.hpp>

namespace procpool::os {

void throw_system_failure(int code, const std::string& what) {
    throw boost::system::system_error(boost::system::error_code(code, boost::system::system_category()),
                                      what);
}

} // namespace procpool::os
