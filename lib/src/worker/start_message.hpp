// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_START_MESSAGE_HPP
#define PROCPOOL_WORKER_START_MESSAGE_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

// What a parent and a worker say to each other before the first task.

namespace procpool::serving {

/// The environment variable that tells a process that it is a worker. It is removed at once, so that what the
/// worker starts is not taken for one.
inline constexpr const char* worker_variable = "PROCPOOL_WORKER";

/// The handles that a worker inherits, by position.
enum class inherited : std::size_t {
    lifeline,
    channel,
    arguments,
    own_bell,
    asio_bell,
    collector_bell,
    count
};

/// The value of `worker_variable`.
struct start_message {
    std::size_t index = 0;                // which worker
    std::uint32_t most_spin_turns = 0;    // see spin_budget
    std::uint64_t memory_limit_bytes = 0; // 0: none

    friend bool operator==(const start_message&, const start_message&) = default;
};

std::string to_text(const start_message& message);
/// None if the text is no start message.
std::optional<start_message> from_text(const std::string& text);

/// What a worker says over its lifeline: first the head, then `bytes` bytes of text.
struct hello_head {
    enum class kind : std::uint32_t {
        ready = 1, // no text
        sorry = 2, // the text says why the worker cannot work
    };
    static constexpr std::uint64_t expected_magic = 0x6c6f'6f70'636f'7270; // "procpool"
    static constexpr std::uint32_t most_text_bytes = 4096;

    std::uint64_t magic = expected_magic;
    kind what = kind::ready;
    std::uint32_t text_bytes = 0;
    // Parent and worker must agree on these.
    std::uint64_t build_hash = 0; // library version and layout of the shared memory
    std::uint64_t task_count = 0;
    std::uint64_t task_hash = 0;
};

/// The head that this process would send, or expects.
hello_head own_hello() noexcept;

/// Why `theirs` cannot work with this process, in words; none if it can.
std::optional<std::string> mismatch(const hello_head& theirs);

} // namespace procpool::serving

#endif
