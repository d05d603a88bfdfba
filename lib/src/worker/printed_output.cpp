// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "worker/printed_output.hpp"

#include <cstdint>
#include <cstdio>
#include <iostream>

namespace procpool::serving {
namespace {

void flush(std::ostream& stream) noexcept {
    try {
        stream.flush();
    } catch (...) { // the task enabled exceptions of the stream
    }
}

/// The parent reads at most this many bytes at a time: these may have left a pipe, and not be counted yet.
constexpr std::uint64_t max_uncounted = 64 * 1024;

} // namespace

void flush_streams() noexcept {
    flush(std::cout);
    flush(std::clog);
}

void printed_output::pass_on() {
    flush_streams();
    std::fflush(stdout);
    const auto before = control_->output_read.load(std::memory_order_acquire);
    std::uint64_t unread = 0;
    for (std::size_t i = 0; i != os::printed_streams::count; ++i)
        unread += streams_.unread(i);
    const auto is_read = [&] {
        if (control_->output_paused.load(std::memory_order_acquire) != 0 ||
            control_->output_read.load(std::memory_order_acquire) - before >= unread + max_uncounted)
            return true;
        for (std::size_t i = 0; i != os::printed_streams::count; ++i)
            if (streams_.unread(i) != 0)
                return false;
        // Read after the pipes: the parent clears it before bytes leave a pipe, and sets it when they were counted.
        return control_->output_handled.load(std::memory_order_seq_cst) != 0;
    };
    if (!is_read())
        sleeper_->until(is_read);
}

} // namespace procpool::serving
