// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/standard_streams.hpp"

namespace procpool::os {

// A handle has no number that something new could take.
standard_streams_kept_free::standard_streams_kept_free() = default;

} // namespace procpool::os
