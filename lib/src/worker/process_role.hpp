// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_PROCESS_ROLE_HPP
#define PROCPOOL_WORKER_PROCESS_ROLE_HPP

namespace procpool::serving {

/// Throws std::logic_error unless procpool::init() was called in this process.
void require_init();

} // namespace procpool::serving

#endif
