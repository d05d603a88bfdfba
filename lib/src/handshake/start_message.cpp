// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "handshake/start_message.hpp"

#include "channel/layout.hpp"
#include "handshake/library_copy.hpp"
#include "os/modules.hpp"

#include <procpool/version.hpp>

#include <charconv>
#include <cstddef>
#include <utility>

namespace procpool::serving {

namespace {

/// Version of the part that every copy of the library reads.
constexpr std::string_view format = "1";

/// Takes a space and a number from the front of `text`.
template <class Number>
bool take(std::string_view& text, Number& out) {
    if (text.empty() || text.front() != ' ')
        return false;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + 1, end, out);
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    return read.ec == std::errc();
}

/// Takes a space, the size of a path, a space and the path from the front of `text`.
bool take_path(std::string_view& text, std::string& out) {
    std::size_t bytes = 0;
    if (!take(text, bytes) || text.size() <= bytes || text.front() != ' ')
        return false;
    out = text.substr(1, bytes);
    text.remove_prefix(1 + bytes);
    return true;
}

} // namespace

const copy_identity& own_copy_identity() {
    static const copy_identity own = [] {
        const auto module = os::module_at(&own_copy());
        return module ? copy_identity{os::fingerprint(*module), module->path} : copy_identity{};
    }();
    return own;
}

std::string to_text(const start_message& message) {
    std::string text(format);
    for (const std::uint64_t number : {static_cast<std::uint64_t>(message.parent), message.lifeline,
                                       message.copy.fingerprint, std::uint64_t{message.copy.path.size()}})
        text += ' ' + std::to_string(number);
    text += ' ' + message.copy.path;
    for (const std::uint64_t number :
         {std::uint64_t{message.index}, std::uint64_t{message.max_spin_turns}, message.memory_limit_bytes,
          message.generation, message.seed, std::uint64_t{message.file_mask},
          std::uint64_t{message.output_is_read}, std::uint64_t{message.libraries.size()}})
        text += ' ' + std::to_string(number);
    for (const auto& library : message.libraries)
        text += ' ' + std::to_string(library.size()) + ' ' + library;
    return text;
}

std::optional<start_message> from_text(std::string_view text) {
    start_message out;
    if (!text.starts_with(format))
        return std::nullopt;
    text.remove_prefix(format.size());
    std::size_t libraries = 0;
    if (!take(text, out.parent) || !take(text, out.lifeline) || !take(text, out.copy.fingerprint) ||
        !take_path(text, out.copy.path) || !take(text, out.index) || !take(text, out.max_spin_turns) ||
        !take(text, out.memory_limit_bytes) || !take(text, out.generation) || !take(text, out.seed) ||
        !take(text, out.file_mask) || !take(text, out.output_is_read) || !take(text, libraries))
        return std::nullopt;
    for (; libraries != 0; --libraries)
        if (!take_path(text, out.libraries.emplace_back()))
            return std::nullopt;
    return text.empty() ? std::optional(std::move(out)) : std::nullopt;
}

hello_head own_hello() {
    hello_head out;
    for (const std::uint64_t number :
         {std::uint64_t{PROCPOOL_VERSION_MAJOR}, std::uint64_t{PROCPOOL_VERSION_MINOR},
          std::uint64_t{PROCPOOL_VERSION_PATCH}, std::uint64_t{sizeof(channel::control)},
          std::uint64_t{channel::frame_slots}, std::uint64_t{channel::result_slots},
          channel::request_ring_bytes, channel::response_ring_bytes, channel::inline_limit_bytes,
          std::uint64_t{offsetof(channel::control, claims)},
          std::uint64_t{offsetof(channel::control, released)},
          std::uint64_t{offsetof(channel::control, crash)}, std::uint64_t{sizeof(channel::request_header)},
          std::uint64_t{sizeof(channel::response_header)}, std::uint64_t{sizeof(os::crash_record)},
          std::uint64_t{os::crash_record::max_places}, std::uint64_t{os::crash_record::max_modules},
          std::uint64_t{os::crash_record::max_name_bytes}, std::uint64_t{os::crash_record::max_text_bytes}})
        out.build_hash = out.build_hash * 1'000'003 + number;
    static const std::uint64_t program = [] {
        const auto all = os::loaded_modules();
        return all.empty() ? 0 : os::fingerprint(all.front());
    }();
    out.program = program;
    return out;
}

std::optional<std::string> mismatch(const hello_head& theirs) {
    const auto ours = own_hello();
    if (theirs.magic != ours.magic)
        return "it does not speak procpool's protocol";
    if (theirs.build_hash != ours.build_hash)
        return "it was built with another version of procpool";
    if (theirs.program != ours.program)
        return "its program is not the one of this process, but another version of it";
    return std::nullopt;
}

} // namespace procpool::serving
