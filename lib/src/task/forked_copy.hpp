// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TASK_FORKED_COPY_HPP
#define PROCPOOL_TASK_FORKED_COPY_HPP

namespace procpool::serving {

/// From now on, a copy of this process knows that it is a copy: see detail/task/forked_copy.hpp.
void watch_forks();

} // namespace procpool::serving

#endif
