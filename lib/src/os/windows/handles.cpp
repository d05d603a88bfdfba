// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/handles.hpp"

#include "os/windows/start_note.hpp"

#include <windows.h>

namespace procpool::os {

unique_handle inherited_handle(std::size_t position) noexcept {
    const start_note& note = own_start_note();
    if (position >= note.handles.size() ||
        ::SetHandleInformation(note.handles[position], HANDLE_FLAG_INHERIT, 0) == 0)
        return {};
    return unique_handle(note.handles[position]);
}

std::uint64_t handle_identity(native_handle) noexcept {
    return 1;
}

std::uint64_t inherited_identity(std::size_t) noexcept {
    return 1;
}

bool inherited_peer_is_gone(std::size_t) noexcept {
    return false;
}

} // namespace procpool::os
