// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "saved_call/saved_call.hpp"

#include "os/modules.hpp"

#include <procpool/codec.hpp>
#include <procpool/error.hpp>

#include <cstring>
#include <stdexcept>

namespace procpool::saved_calls {
namespace {

constexpr std::uint64_t own_format = 1;

void write_number(encoder& out, std::uint64_t number) {
    out.write_bytes(&number, sizeof number);
}

void write_bytes(encoder& out, const void* data, std::size_t size) {
    write_number(out, size);
    out.write_bytes(data, size);
}

std::uint64_t read_number(decoder& in) {
    std::uint64_t out = 0;
    in.read_bytes(&out, sizeof out);
    return out;
}

std::span<const std::byte> read_bytes(decoder& in) {
    const auto size = read_number(in);
    if (size > in.remaining())
        throw codec_error("it ends too early");
    return in.view_bytes(static_cast<std::size_t>(size));
}

std::string read_text(decoder& in) {
    const auto bytes = read_bytes(in);
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// The bytes between the mark and the checksum.
std::span<const std::byte> checked(std::span<const std::byte> bytes) {
    if (bytes.size() < mark.size() || std::memcmp(bytes.data(), mark.data(), mark.size()) != 0)
        throw codec_error("it is not a saved call");
    std::uint64_t checksum = 0;
    if (bytes.size() < mark.size() + sizeof checksum)
        throw codec_error("it ends too early");
    const auto all = bytes.first(bytes.size() - sizeof checksum);
    std::memcpy(&checksum, bytes.data() + all.size(), sizeof checksum);
    if (checksum != checksum_of(all))
        throw codec_error("it is damaged");
    return all.subspan(mark.size());
}

serving::copy_identity read_copy(decoder& in) {
    serving::copy_identity out;
    out.fingerprint = read_number(in);
    out.path = read_text(in);
    return out;
}

} // namespace

std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept {
    std::uint64_t out = 0xcbf2'9ce4'8422'2325; // FNV-1a
    for (const auto byte : bytes)
        out = (out ^ static_cast<std::uint64_t>(byte)) * 0x100'0000'01b3;
    return out;
}

void to_bytes(const saved_call& call, detail::heap_encoder& out) {
    out.write_bytes(mark.data(), mark.size());
    write_number(out, call.copy.fingerprint);
    write_bytes(out, call.copy.path.data(), call.copy.path.size());
    write_number(out, own_format);
    for (const auto number : {call.build_hash, call.program, call.module, call.offset})
        write_number(out, number);
    for (const auto* text : {&call.module_path, &call.task_name})
        write_bytes(out, text->data(), text->size());
    write_number(out, call.item_index.has_value());
    for (const auto number : {call.item_index.value_or(0), call.seed, std::uint64_t{call.number}})
        write_number(out, number);
    for (const auto* bytes : {&call.bytes.function, &call.bytes.arguments})
        write_bytes(out, bytes->data(), bytes->size());
    write_number(out, checksum_of(out.bytes()));
}

serving::copy_identity copy_of(std::span<const std::byte> bytes) {
    decoder in(checked(bytes));
    return read_copy(in);
}

saved_call from_bytes(std::span<const std::byte> bytes) {
    decoder in(checked(bytes));
    saved_call out;
    out.copy = read_copy(in);
    if (read_number(in) != own_format)
        throw codec_error("it was written by another version of procpool");
    for (auto* number : {&out.build_hash, &out.program, &out.module, &out.offset})
        *number = read_number(in);
    for (auto* text : {&out.module_path, &out.task_name})
        *text = read_text(in);
    const auto has_index = read_number(in);
    const auto index = read_number(in);
    out.seed = read_number(in);
    const auto number = read_number(in);
    if (has_index > 1 || (has_index == 0 && index != 0) || number > 0xffff'ffff)
        throw codec_error("it is damaged");
    if (has_index == 1)
        out.item_index = index;
    out.number = static_cast<std::uint32_t>(number);
    for (auto* part : {&out.bytes.function, &out.bytes.arguments}) {
        const auto read = read_bytes(in);
        part->assign(read.begin(), read.end());
    }
    if (in.remaining() != 0)
        throw codec_error("it is damaged");
    return out;
}

saved_call identify(detail::task_runner run) {
    const auto* const address = reinterpret_cast<const std::byte*>(run);
    const auto module = os::module_at(address);
    if (!module)
        throw std::runtime_error("the task is in no module that is loaded from a file");
    const auto hello = serving::own_hello();
    saved_call out;
    out.copy = serving::own_copy_identity();
    out.build_hash = hello.build_hash;
    out.program = hello.program;
    out.module = os::fingerprint(*module);
    out.offset = static_cast<std::uint64_t>(address - module->base);
    out.module_path = module->path;
    return out;
}

detail::task_runner find(const saved_call& call, std::string& why_not) {
    serving::hello_head theirs;
    theirs.build_hash = call.build_hash;
    theirs.program = call.program;
    if (const auto why = serving::mismatch(theirs)) {
        why_not = "it is of another build: " + *why;
        return nullptr;
    }
    bool is_another_version = false;
    for (const auto& each : os::loaded_modules()) {
        const bool is_same = os::fingerprint(each) == call.module;
        is_another_version = is_another_version || (!is_same && each.path == call.module_path);
        if (!is_same)
            continue;
        if (call.offset >= each.bytes) {
            why_not = "the position of its task makes no sense";
            return nullptr;
        }
        return reinterpret_cast<detail::task_runner>(const_cast<std::byte*>(each.base + call.offset));
    }
    why_not = "its task is in \"" + call.module_path + "\", " +
              (is_another_version ? "of which another version is loaded"
                                  : "which is not loaded; a preloaded library (LD_PRELOAD) would be found");
    return nullptr;
}

} // namespace procpool::saved_calls
