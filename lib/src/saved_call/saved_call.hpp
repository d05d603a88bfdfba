// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_SAVED_CALL_SAVED_CALL_HPP
#define PROCPOOL_SAVED_CALL_SAVED_CALL_HPP

#include "handshake/start_message.hpp"

#include <procpool/detail/codec/heap_encoder.hpp>
#include <procpool/detail/run/frame_context.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// A call in a file: one item of a job, and what it takes to find its task in another process of the same
// build.
//
// The file begins with a mark and the identity of the library's copy, in the same form in every version,
// and ends with a checksum of all bytes before. Nothing in it is trusted until it was checked. But no check
// can tell whether the position of a function is that of a task: a file that was made to deceive can call
// any function of the program.

namespace procpool::saved_calls {

/// The beginning of a file. A transfer as text would change it.
inline constexpr std::string_view mark = "procpool call\r\n\x1a";
std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept;

/// The function object and the arguments of one item, as in a frame.
struct item_bytes {
    std::vector<std::byte> function;
    std::vector<std::byte> arguments;

    friend bool operator==(const item_bytes&, const item_bytes&) = default;
};

struct saved_call {
    serving::copy_identity copy;
    // Of the process that saved it: see serving::hello_head.
    std::uint64_t build_hash = 0;
    std::uint64_t program = 0;
    // The module with the task's function, and the function's position in it.
    std::uint64_t module = 0; // fingerprint
    std::uint64_t offset = 0;
    std::string module_path; // empty: the program
    std::string task_name;
    std::optional<std::uint64_t> item_index;
    std::uint64_t seed = 0;   // pool_options::seed
    std::uint32_t number = 0; // see serving::seed_of
    item_bytes bytes;

    friend bool operator==(const saved_call&, const saved_call&) = default;
};

/// Appends the file's contents to `out`.
///
/// Errors: throws std::bad_alloc.
void to_bytes(const saved_call& call, detail::heap_encoder& out);

/// Errors: throws codec_error if the bytes are not a saved call of this version, std::bad_alloc.
saved_call from_bytes(std::span<const std::byte> bytes);
/// Likewise, only the part that every version has in the same form.
serving::copy_identity copy_of(std::span<const std::byte> bytes);

/// What identifies `run`, and this build. The members after `module_path` are not set.
///
/// Errors: throws std::runtime_error if no other process could find it, std::bad_alloc.
saved_call identify(detail::task_runner run);

/// The function that a call of this build names. The reason why there is none is in `why_not`.
///
/// Errors: throws std::bad_alloc.
detail::task_runner find(const saved_call& call, std::string& why_not);

} // namespace procpool::saved_calls

#endif
