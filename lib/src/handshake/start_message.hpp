// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_HANDSHAKE_START_MESSAGE_HPP
#define PROCPOOL_HANDSHAKE_START_MESSAGE_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The messages between a parent and a worker before the first task.

namespace procpool::serving {

/// The environment variable that marks a process as a worker. It is removed when the worker serves, so that
/// processes which tasks start are not taken for workers. A process that a worker starts earlier inherits the
/// variable, and detects this by its parent (see process_role.hpp): it cannot make a pool.
inline constexpr const char* worker_variable = "PROCPOOL_WORKER";

/// The handles that a worker inherits, by position.
enum class inherited : std::size_t {
    lifeline,
    channel,
    arguments,
    own_bell,
    pool_bell,
    collector_bell,
    count
};

/// The module that contains a copy of this library; the same in the parent and in the worker.
struct copy_identity {
    std::uint64_t fingerprint = 0;
    std::string path; // empty: the program

    friend bool operator==(const copy_identity&, const copy_identity&) = default;
};

/// The identity of the copy that contains this code.
const copy_identity& own_copy_identity();

/// The value of `worker_variable`.
struct start_message {
    // Read by any copy of the library, in any version.
    long parent = 0;            // the process that started the worker
    std::uint64_t lifeline = 0; // identity of the inherited handle
    copy_identity copy;         // the copy with the pool
    // Read by that copy.
    std::size_t index = 0;                // of the worker
    std::uint32_t max_spin_turns = 0;     // see spin_budget
    std::uint64_t memory_limit_bytes = 0; // 0: none
    std::uint64_t generation = 0;         // how many processes of this index there were before
    std::uint64_t seed = 0;               // pool_options::seed
    std::uint32_t file_mask = own_file_mask;
    std::uint32_t output_is_read = 0; // 1: the parent reads its standard output and error

    static constexpr std::uint32_t own_file_mask = 0xffff'ffff; // the worker has the right one
    std::vector<std::string> libraries;                         // to be loaded

    friend bool operator==(const start_message&, const start_message&) = default;
};

std::string to_text(const start_message& message);
/// Nullopt if the text is not a start message.
std::optional<start_message> from_text(std::string_view text);

/// A message of a worker over its lifeline: first the head, then `bytes` bytes of text.
struct hello_head {
    enum class kind : std::uint32_t {
        ready = 1,  // no text
        failed = 2, // the text says why the worker cannot work
        begun = 3,  // init() was called; another head follows
    };
    static constexpr std::uint64_t expected_magic = 0x6c6f'6f70'636f'7270; // "procpool"
    static constexpr std::uint32_t max_text_bytes = 4096;

    std::uint64_t magic = expected_magic;
    kind what = kind::ready;
    std::uint32_t text_bytes = 0;
    // Parent and worker must agree on these.
    std::uint64_t build_hash = 0; // library version and layout of the shared memory
    std::uint64_t program = 0;    // its fingerprint
};

/// The exit status of a worker whose inherited handles were closed before init(), so that it cannot send the
/// reason.
inline constexpr int status_without_lifeline = 121;

/// The head that this process would send, or expects.
hello_head own_hello();

/// The reason why `theirs` cannot work with this process; nullopt if it can.
std::optional<std::string> mismatch(const hello_head& theirs);

} // namespace procpool::serving

#endif
