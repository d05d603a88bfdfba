// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_UNHANDLED_HPP
#define PROCPOOL_UNHANDLED_HPP

#include <exception>
#include <functional>

namespace procpool {

/// Sets the function, of this process, that receives exceptions which no caller can receive: those of
/// callbacks and finalizers, and worker_lost or task_timeout if a finalizer costs its worker. By default, and
/// after an empty function was set, such exceptions are printed to standard error. If the function itself
/// throws, that exception is printed.
///
/// Thread safety: any thread. The function is called where callbacks run, or in the thread that found that an
///                executor takes none; several threads may call it at the same time.
void set_unhandled(std::function<void(std::exception_ptr)> handler);

} // namespace procpool

#endif
