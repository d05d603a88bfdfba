// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "handshake/library_copy.hpp"

#include "handshake/start_message.hpp"
#include "os/self.hpp"
#include "worker/replay.hpp"
#include "worker/serve.hpp"

extern "C" {
#if defined(__ELF__)
[[gnu::visibility("hidden")]] extern procpool::serving::library_copy procpool_library_copy;
[[gnu::used]]
#endif
constinit procpool::serving::library_copy procpool_library_copy{.serve = &procpool::serving::serve_text,
                                                                .replay = &procpool::serving::replay_file};
}

#if defined(__ELF__)

// A note that contains the distance from its contents to the object: so it needs neither a relocation nor a
// symbol that others could interpose. Linkers keep notes.
#if defined(__arm__)
#define PROCPOOL_NOTE "%note"
#else
#define PROCPOOL_NOTE "@note"
#endif
asm(R"(
    .pushsection .note.procpool, "a", )" PROCPOOL_NOTE R"(
    .balign 4
    .long 9
    .long 8
    .long 1
    .asciz "procpool"
    .balign 4
    .quad procpool_library_copy - .
    .popsection
)");

#else

// A section of this name contains the address of the object.
#if defined(_MSC_VER)
#pragma section(".pcpool", read)
__declspec(allocate(".pcpool")) extern procpool::serving::library_copy* const procpool_copy_note =
    &procpool_library_copy;
#else
[[gnu::section(".pcpool"), gnu::used]] static procpool::serving::library_copy* const procpool_copy_note =
    &procpool_library_copy;
#endif

#endif

namespace procpool::serving {
namespace {

// A worker that hangs before init() does not notice the end of its parent. So this runs as early as possible:
// other initializers may take time, and may print.
#if defined(__GNUC__) && !defined(_WIN32)
[[gnu::constructor(101)]]
#endif
[[maybe_unused]] void
prepare_worker() {
    const auto text = os::environment(worker_variable);
    if (const auto message = text ? from_text(*text) : std::nullopt;
        message && os::is_child_of(message->parent)) {
        os::end_when_orphaned_by(message->parent);
        os::go_on_in_background();
    }
}

} // namespace

library_copy& own_copy() noexcept {
    return procpool_library_copy;
}

} // namespace procpool::serving
