// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/launch_context.hpp"

#include "os/windows/environment_block.hpp"

#include <windows.h>

namespace procpool::os {

launch_context launch_context::now() {
    launch_context out;
    out.environment = own_environment();
    for (DWORD size = ::GetCurrentDirectoryW(0, nullptr); size > out.folder.size();) {
        out.folder.resize(size);
        size = ::GetCurrentDirectoryW(size, out.folder.data());
        if (size < out.folder.size()) { // else it has become longer meanwhile
            out.folder.resize(size);
            break;
        }
    }
    return out;
}

} // namespace procpool::os
