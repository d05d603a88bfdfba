// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "error/exception_transport.hpp"

#include "error/error_codes.hpp"
#include "error/standard_exceptions.hpp"
#include "error/thrown_object.hpp"
#include "os/modules.hpp"

#include <procpool/detail/codec/codec_failures.hpp>
#include <procpool/detail/codec/heap_encoder.hpp>
#include <procpool/detail/result/remote_exception.hpp>
#include <procpool/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace procpool::detail {
namespace {

struct registry {
    std::mutex mutex;
    std::vector<registered_exception> entries; // few entries, searched only when a task fails
};

registry& the_registry() {
    // Made by the first caller, which may be a global's initialiser; leaked, because a pool may outlive it.
    static auto& instance = *new registry;
    return instance;
}

bool is_in_unnamed_namespace(std::string_view name) {
    return name.find("_GLOBAL__N_") != std::string_view::npos || // as the Itanium ABI writes it
           name.find("`anonymous") != std::string_view::npos;    // and Microsoft's compiler
}

} // namespace

void add_registered_exception(const registered_exception& entry) {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    const auto same = [&](const registered_exception& other) {
        return *other.type == *entry.type;
    };
    if (std::ranges::none_of(all.entries, same))
        all.entries.push_back(entry);
}

std::vector<registered_exception> registered_exceptions() {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    return all.entries;
}

exception_key key_of(const std::type_info& type) {
    exception_key out{type.name(), 0, 0};
    if (const auto module = os::module_at(&type)) {
        out.module = os::fingerprint(*module);
        out.offset = static_cast<std::uint64_t>(reinterpret_cast<const std::byte*>(&type) - module->base);
    }
    return out;
}

std::optional<registered_exception> find_registered_exception(const exception_key& key) {
    std::optional<registered_exception> of_same_name;
    for (const auto& entry : registered_exceptions()) {
        if (key.name != entry.type->name())
            continue;
        if (key_of(*entry.type) == key)
            return entry;
        of_same_name = entry;
    }
    // Several modules may have a type_info for the same type; only a name in an unnamed namespace may denote
    // different types.
    return is_in_unnamed_namespace(key.name) ? std::nullopt : of_same_name;
}

namespace {

// An exception in a message: kind; type name; text, if any; nested exception, if any; then data that depends
// on the kind: none (foreign); a key and an encoded object (registered); or the fields of a standard type.
// The kind of a standard type is `kind_standard` plus its index in standard_exceptions().
enum kind : std::uint8_t { kind_foreign, kind_registered, kind_standard };

constexpr std::size_t payload_alignment = 16;

void encode_flag(encoder& out, bool flag) {
    out.write(static_cast<std::uint8_t>(flag));
}

void encode_head(encoder& out, std::uint8_t kind, std::string_view type_name,
                 std::optional<std::string_view> text) {
    out.write(kind);
    encode_text(out, type_name);
    encode_flag(out, text.has_value());
    if (text)
        encode_text(out, *text);
}

// Written instead of an exception; needs no memory except that of `out`.
void encode_remark(encoder& out, std::string_view type_name, std::string_view remark) {
    encode_head(out, kind_foreign, type_name, remark);
    encode_flag(out, false);
}

// Encodes the object of a registered type into `object`, and returns the type. Nullopt if the type is not
// registered, or if its own codec fails: then the exception comes back as an unregistered type.
std::optional<registered_exception> encode_registered_object(encoder& object, const std::exception_ptr& error,
                                                             const thrown_object& thrown) {
    for (const auto& entry : registered_exceptions()) {
        try {
            if (entry.encode(object, error, thrown.type, thrown.nested))
                return entry;
        } catch (...) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

const standard_exception* find_standard_exception(const std::exception_ptr& error,
                                                  const thrown_object& thrown) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& object) {
        return detail::find_standard_exception(object, thrown);
    } catch (...) {
        return nullptr;
    }
}

void encode_fields(encoder& out, const std::exception_ptr& error, const standard_exception& type) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& object) {
        type.encode(out, object);
    }
}

void encode_key(encoder& out, const exception_key& key) {
    encode_text(out, key.name);
    out.write_bytes(&key.module, sizeof key.module);
    out.write_bytes(&key.offset, sizeof key.offset);
}

exception_key decode_key(decoder& in) {
    exception_key key;
    key.name = decode_text(in);
    in.read_bytes(&key.module, sizeof key.module);
    in.read_bytes(&key.offset, sizeof key.offset);
    return key;
}

void encode_inner(encoder& out, const thrown_object& thrown, int depth);

void encode_object(encoder& out, const std::exception_ptr& error, int depth) {
    const thrown_object thrown = inspect(error);
    heap_encoder object;
    if (const auto type = encode_registered_object(object, error, thrown)) {
        encode_head(out, kind_registered, thrown.type_name, thrown.text);
        encode_inner(out, thrown, depth);
        encode_key(out, key_of(*type->type));
        out.write(static_cast<std::uint64_t>(object.bytes().size()));
        out.align(payload_alignment);
        object.copy_to(out);
    } else if (const auto* standard = find_standard_exception(error, thrown)) {
        const auto place = static_cast<std::size_t>(standard - standard_exceptions().data());
        // An internal type of the standard library gets the name of its public base. An exception that came
        // from a pool inside the task keeps the type name that it has there.
        const bool of_this_process = thrown.type_name == readable_type_name(*thrown.type);
        encode_head(out, static_cast<std::uint8_t>(kind_standard + place),
                    of_this_process ? readable_type_name(*standard->type) : thrown.type_name, thrown.text);
        encode_inner(out, thrown, depth);
        encode_fields(out, error, *standard);
    } else {
        encode_head(out, kind_foreign, thrown.type_name, thrown.text);
        encode_inner(out, thrown, depth);
    }
}

void encode_inner(encoder& out, const thrown_object& thrown, int depth) {
    encode_flag(out, thrown.inner != nullptr);
    if (!thrown.inner)
        return;
    if (depth == max_nested_exceptions)
        encode_remark(out, "unknown type", "The exceptions nested more deeply than this were left out.");
    else
        encode_object(out, thrown.inner, depth + 1);
}

std::string sentence_without_text(const remote_info& info) {
    return "Task \"" + info.task_name + "\" in worker " + std::to_string(info.worker_pid) +
           " threw an object of type " + info.type_name + ", which has no text.";
}

std::exception_ptr decode_registered_object(decoder& in, const remote_info& info,
                                            const std::exception_ptr& inner) {
    const exception_key key = decode_key(in);
    std::uint64_t size = 0;
    in.read_bytes(&size, sizeof size);
    in.align(payload_alignment);
    if (size > in.remaining())
        throw_codec_error("A registered exception is longer than its message.");
    decoder object(in.view_bytes(static_cast<std::size_t>(size)));
    try {
        if (const auto type = find_registered_exception(key))
            return type->decode(object, info, inner);
    } catch (...) {
        // The type's own codec failed. The facts that are known without the codec are more useful than that
        // failure.
    }
    return make_remote(remote_error(info.what.empty() ? sentence_without_text(info) : info.what), info,
                       inner);
}

std::exception_ptr decode_object(decoder& in, const remote_info& context, int depth) {
    if (depth > max_nested_exceptions + 1)
        throw_codec_error("Its nested exceptions are nested too deeply.");
    remote_info info = context;
    const std::size_t kind = in.read<std::uint8_t>();
    info.type_name = decode_text(in);
    const bool has_text = in.read<std::uint8_t>() != 0;
    info.what = has_text ? decode_text(in) : std::string();
    const bool has_inner = in.read<std::uint8_t>() != 0;
    const std::exception_ptr inner = has_inner ? decode_object(in, context, depth + 1) : nullptr;

    if (kind == kind_foreign) {
        remote_error error(has_text ? info.what : sentence_without_text(info));
        return make_remote(std::move(error), std::move(info), inner);
    }
    if (kind == kind_registered)
        return decode_registered_object(in, info, inner);
    const std::size_t place = kind - kind_standard;
    if (place >= standard_exceptions().size())
        throw_codec_error("Its kind does not exist.");
    return standard_exceptions()[place].decode(in, std::move(info), inner);
}

} // namespace

void encode_exception(encoder& out, const std::exception_ptr& error) {
    out.align(payload_alignment);
    heap_encoder whole; // a failure half-way leaves nothing in `out`
    try {
        if (error)
            encode_object(whole, error, 0);
        else
            encode_remark(whole, "unknown type", "The task failed without an exception.");
    } catch (...) {
        return encode_remark(
            out, "unknown type",
            "The task threw an exception that its worker could not encode, for lack of memory.");
    }
    whole.copy_to(out);
}

std::exception_ptr decode_exception(decoder& in, const remote_info& context) noexcept {
    try {
        try {
            in.align(payload_alignment);
            return decode_object(in, context, 0);
        } catch (const codec_error& error) {
            return make_remote(
                codec_error("Task \"" + context.task_name + "\" in worker " +
                            std::to_string(context.worker_pid) +
                            " has run and threw an exception that cannot be decoded: " + error.what()),
                context);
        }
    } catch (...) {
        return std::current_exception();
    }
}

} // namespace procpool::detail
