// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LINUX_OWN_PROGRAM_HPP
#define PROCPOOL_OS_LINUX_OWN_PROGRAM_HPP

#include <string>
#include <vector>

namespace procpool::os {

/// How the program of this process is executed once more.
struct own_program {
    std::string file;                   // to be executed
    std::vector<std::string> arguments; // behind the title: of a dynamic loader that is to load the program
};

/// /proc/self/exe, which works when the file has been replaced or deleted, unless the program was not
/// executed itself: a dynamic loader was told to load it ("ld.so ./program"), or a tool runs it (valgrind, an
/// emulator), or there is no /proc.
///
/// Errors: throws std::bad_alloc.
const own_program& find_own_program();

} // namespace procpool::os

#endif
