// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_STANDARD_STREAMS_HPP
#define PROCPOOL_OS_STANDARD_STREAMS_HPP

#include "os/native_handle.hpp"

#include <vector>

namespace procpool::os {

/// While an object of this class exists, new descriptors do not get the numbers of standard streams that this
/// process has closed, including descriptors that a library opens and that cannot be moved.
///
/// Errors: throws `boost::system::system_error` if no descriptor is left.
class standard_streams_kept_free {
  public:
    standard_streams_kept_free();

  private:
    std::vector<unique_handle> places_; // empty if none was closed
};

} // namespace procpool::os

#endif
