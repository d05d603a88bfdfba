// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "support/bomb_guard.hpp"

#include <functional>
#include <iostream>
#include <string>

#include <dlfcn.h>

#ifdef PROGRAM_HAS_COPY
#include <procpool/procpool.hpp>
#endif

// A process with several copies of the library: in the program, if PROGRAM_HAS_COPY, and in shared objects
// that are linked to it, or loaded later from the folder LOADED_FROM.
using namespace procpool::test;

extern "C" {
void copy_one_init();
const char* copy_one_use();
void copy_two_init();
const char* copy_two_use();
}

namespace {

const int generation = own_generation();
int failures = 0;

void check(const std::string& got, const std::string& expected, const std::string& what) {
    if (got == expected)
        return;
    ++failures;
    std::cout << what << ": expected " << expected << ", got " << got << std::endl;
}

#ifdef PROGRAM_HAS_COPY
std::string use_own() {
    try {
        procpool::pool pool(2);
        return std::to_string(pool.apply([](int n) { return n + 1; }, 41));
    } catch (const std::exception& why) {
        return why.what();
    }
}
#endif

#ifdef LOADED_FROM
const char* use_loaded(const char* name) {
    const std::string path = std::string(LOADED_FROM) + "/lib" + name + ".so";
    void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
        return ::dlerror();
    const auto use = reinterpret_cast<const char* (*)()>(::dlsym(library, LOADED_FUNCTION));
    return use != nullptr ? use() : ::dlerror();
}
#endif

} // namespace

int main() {
#ifdef PROGRAM_HAS_COPY
    procpool::init(); // serves for all copies
#else
    copy_one_init();
    copy_two_init();
#endif
    const bomb_guard guard;
    // Tested in each order: a copy must not serve a worker that another copy has started.
#ifdef PROGRAM_HAS_COPY
    check(use_own(), "42", "a pool of the program");
#endif
#ifdef LOADED_FROM
    check(use_loaded(LOADED_NAME), "15", "a pool of what was loaded");
#else
    check(copy_one_use(), "15", "a pool of the first library");
    check(copy_two_use(), "24", "a pool of the second library");
    check(copy_one_use(), "15", "another pool of the first library");
#endif
#ifdef PROGRAM_HAS_COPY
    check(use_own(), "42", "another pool of the program");
#endif
    return failures == 0 ? 0 : 1;
}
