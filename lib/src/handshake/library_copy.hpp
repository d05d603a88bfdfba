// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_HANDSHAKE_LIBRARY_COPY_HPP
#define PROCPOOL_HANDSHAKE_LIBRARY_COPY_HPP

#include <atomic>
#include <cstdint>

// A process may have several copies of this library: linked statically into the program and into shared
// objects, perhaps in different versions. Each copy has an object of this type, which the others find through
// os::copies_of_this_library.

namespace procpool::serving {

/// Other versions of the library read this: members may only be added, at the end.
struct library_copy {
    std::uint64_t bytes = sizeof(library_copy);
    std::atomic<bool> init_was_called{false};
    std::atomic<bool> serves{false}; // this process is a worker of a pool of this copy
    /// Serves according to the value of the environment variable, and ends the process.
    void (*serve)(const char* start_text) = nullptr;
    /// Runs the call in a file that this copy has saved, and ends the process.
    void (*replay)(const char* file) = nullptr;
};

/// The object of the module that contains this code.
library_copy& own_copy() noexcept;

} // namespace procpool::serving

#endif
