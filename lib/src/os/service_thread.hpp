// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_SERVICE_THREAD_HPP
#define PROCPOOL_OS_SERVICE_THREAD_HPP

#include <functional>
#include <thread>

namespace procpool::os {

/// A thread of the library inside somebody else's program: it takes no signals that are meant for the
/// program.
///
/// Errors: throws std::system_error if there can be no more threads.
std::thread make_service_thread(std::function<void()> body);

/// Likewise, for a thread that lives as long as the process.
inline void start_service_thread(std::function<void()> body) {
    make_service_thread(std::move(body)).detach();
}

} // namespace procpool::os

#endif
