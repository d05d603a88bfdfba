// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_LINUX_OWN_PROGRAM_HPP
#define PROCPOOL_OS_LINUX_OWN_PROGRAM_HPP

#include <string>
#include <vector>

namespace procpool::os {

/// How to execute the program of this process again.
struct own_program {
    std::string file;                   // to be executed
    std::vector<std::string> arguments; // after the title: for a dynamic loader that loads the program
};

/// /proc/self/exe, which works even if the file has been replaced or deleted. It does not work if the program
/// was not executed directly: if a dynamic loader loaded it ("ld.so ./program"), if a tool runs it (valgrind,
/// an emulator), or if there is no /proc.
///
/// Errors: throws std::bad_alloc.
const own_program& find_own_program();

} // namespace procpool::os

#endif
