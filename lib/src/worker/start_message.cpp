// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/start_message.hpp"

#include "channel/layout.hpp"
#include "worker/task_registry.hpp"

#include <procpool/version.hpp>

#include <charconv>

namespace procpool::serving {

namespace {

/// Reads a number and the character behind it, which must be `then` (0: the end).
template <class Number>
bool take(const char*& at, const char* end, char then, Number& out) {
    const auto read = std::from_chars(at, end, out);
    if (read.ec != std::errc())
        return false;
    at = read.ptr;
    if (then == '\0')
        return at == end;
    return at != end && *at++ == then;
}

} // namespace

std::string to_text(const start_message& message) {
    return std::to_string(message.index) + ' ' + std::to_string(message.most_spin_turns) + ' ' +
           std::to_string(message.memory_limit_bytes);
}

std::optional<start_message> from_text(const std::string& text) {
    start_message out;
    const char* at = text.data();
    const char* const end = at + text.size();
    if (!take(at, end, ' ', out.index) || !take(at, end, ' ', out.most_spin_turns) ||
        !take(at, end, '\0', out.memory_limit_bytes))
        return std::nullopt;
    return out;
}

hello_head own_hello() noexcept {
    hello_head out;
    for (const std::uint64_t number :
         {std::uint64_t{PROCPOOL_VERSION_MAJOR}, std::uint64_t{PROCPOOL_VERSION_MINOR},
          std::uint64_t{PROCPOOL_VERSION_PATCH}, std::uint64_t{sizeof(channel::control)},
          std::uint64_t{channel::frame_slots}, channel::request_ring_bytes, channel::response_ring_bytes})
        out.build_hash = out.build_hash * 1'000'003 + number;
    out.task_count = task_registry::instance().size();
    out.task_hash = task_registry::instance().hash();
    return out;
}

std::optional<std::string> mismatch(const hello_head& theirs) {
    const auto ours = own_hello();
    if (theirs.magic != ours.magic)
        return "it does not speak procpool's protocol";
    if (theirs.build_hash != ours.build_hash)
        return "it was built with another version of procpool";
    if (theirs.task_count != ours.task_count)
        return "it has " + std::to_string(theirs.task_count) + " tasks and this process has " +
               std::to_string(ours.task_count) +
               "; was a library with tasks loaded before the pool was made?";
    if (theirs.task_hash != ours.task_hash)
        return "its tasks are not those of this process";
    return std::nullopt;
}

} // namespace procpool::serving
