// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/process_fence.hpp"

#include <windows.h>

namespace procpool::os {

bool prepare_process_fence() noexcept {
    // Wine knows the call, and does nothing there.
    const HMODULE system = ::GetModuleHandleW(L"ntdll.dll");
    return system != nullptr && ::GetProcAddress(system, "wine_get_version") == nullptr;
}

bool process_fence() noexcept {
    ::FlushProcessWriteBuffers(); // cannot fail
    return true;
}

} // namespace procpool::os
