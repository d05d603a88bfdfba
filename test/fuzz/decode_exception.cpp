// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Decodes an exception from arbitrary bytes of a worker: the result is always an exception, whose members can
// be read.

#include "error/exception_transport.hpp"

#include <procpool/error.hpp>
#include <procpool/register_exception.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>

namespace {

struct registered : std::runtime_error {
    using std::runtime_error::runtime_error;
    registered() : std::runtime_error("registered") {}
    int code = 0;
    std::string detail;
};

/// Reads everything that a handler may read, of the exception and of those nested in it.
void look_at(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& caught) {
        if (std::string(caught.what()).size() > (std::size_t{1} << 30))
            std::abort();
        if (const auto* const info = procpool::get_remote_info(caught);
            info != nullptr && info->worker_pid != 4711)
            std::abort();
        if (const auto* const nested = dynamic_cast<const std::nested_exception*>(&caught);
            nested != nullptr && nested->nested_ptr() != nullptr)
            look_at(nested->nested_ptr());
    } catch (...) {
    }
}

} // namespace

template <>
struct procpool::codec<registered> {
    static void encode(encoder& out, const registered& value) {
        out.write(value.code);
        out.write(value.detail);
    }
    static registered decode(decoder& in) {
        registered out;
        out.code = in.read<int>();
        out.detail = in.read<std::string>();
        return out;
    }
};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool once = [] {
        procpool::register_exception<registered>();
        return true;
    }();
    static_cast<void>(once);
    procpool::remote_info context;
    context.worker_pid = 4711;
    context.task_name = "task";
    procpool::decoder in(std::as_bytes(std::span(data, size)));
    const auto error = procpool::detail::decode_exception(in, context);
    if (error == nullptr)
        std::abort();
    look_at(error);
    return 0;
}
