// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_SERVE_HPP
#define PROCPOOL_WORKER_SERVE_HPP

#include "worker/start_message.hpp"

namespace procpool::serving {

/// The life of a worker: takes over what it inherited, says hello, runs frames until the parent says
/// good-bye, and ends the process. If the parent dies, the process ends at once, in the middle of a task too.
[[noreturn]] void serve(const start_message& message);

} // namespace procpool::serving

#endif
