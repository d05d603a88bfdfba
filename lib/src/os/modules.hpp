// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_OS_MODULES_HPP
#define PROCPOOL_OS_MODULES_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The program and the shared objects that are loaded in this process. An offset in a module has the same
// meaning in every process that has loaded the same file.
namespace procpool::os {

struct loaded_module {
    std::string path; // as the system found it; empty for the program itself
    const std::byte* base = nullptr;
    std::size_t bytes = 0; // size of the address range at `base`

    bool contains(const void* address) const noexcept {
        return reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(base) < bytes;
    }
};

/// Nullopt: no loaded module contains this address.
std::optional<loaded_module> module_at(const void* address);

std::vector<loaded_module> loaded_modules();

/// Differs between modules that were linked from different code: a hash of the build-id and the headers, or,
/// without a build-id, of the first MiB that is never written.
///
/// Requires: the module is loaded.
std::uint64_t fingerprint(const loaded_module& module);

/// Loads a shared object and its dependencies; it stays loaded.
///
/// Errors: throws std::runtime_error with the system's own text.
void load_library(const std::string& path);

/// Keeps the module loaded as long as the process lives. Does nothing if it is not found any more.
void keep_loaded(const loaded_module& module) noexcept;

/// The note of each module about the copy of this library that is linked into it (see library_copy.hpp), in
/// the order of loading. Modules without a copy are omitted.
struct copy_in_module {
    loaded_module where;
    void* copy = nullptr;
};
std::vector<copy_in_module> copies_of_this_library();

} // namespace procpool::os

#endif
