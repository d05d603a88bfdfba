// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "os/output_pipe.hpp"

#include "os/linux/descriptors.hpp"

#include <boost/system/error_code.hpp>

#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace procpool::os {
namespace {

std::size_t bytes_in(int pipe) noexcept {
    int bytes = 0;
    return ::ioctl(pipe, FIONREAD, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

} // namespace

output_pipe make_output_pipe() {
    int ends[2] = {-1, -1};
    const char* const what = "cannot create a pipe for the output of a worker";
    if (::pipe2(ends, O_CLOEXEC) == -1)
        own_descriptor(-1, what);
    unique_handle second(ends[1]);
    output_pipe pipe;
    pipe.parent_end = own_descriptor(ends[0], what);
    pipe.worker_end = own_descriptor(second.release(), what);
    return pipe;
}

output_stream make_output_stream(boost::asio::io_context& context, unique_handle parent_end) {
    output_stream stream(context, parent_end.get());
    parent_end.release();
    stream.non_blocking(true); // the worker's end is another description, and blocks
    return stream;
}

std::size_t bytes_to_read(output_stream& stream) noexcept {
    return bytes_in(stream.native_handle());
}

void print_by_lines() noexcept {
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
}

printed_streams::printed_streams() noexcept {
    const int saved = errno;
    for (std::size_t i = 0; i != count; ++i) {
        // High numbers, as for inherited handles: tasks may use low ones.
        constexpr int high = 512;
        const int own = STDOUT_FILENO + static_cast<int>(i);
        int copy = ::fcntl(own, F_DUPFD_CLOEXEC, high);
        if (copy == -1)
            copy = ::fcntl(own, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        streams_[i].reset(copy);
        targets_[i] = target_of(copy);
    }
    errno = saved;
}

std::size_t printed_streams::unread(std::size_t stream) const noexcept {
    const int saved = errno;
    const int pipe = streams_[stream].get();
    // A task may have closed it, and opened another file that got its number.
    const bool own =
        pipe != no_handle && target_of(pipe) == targets_[stream] && targets_[stream].type == S_IFIFO;
    const auto bytes = own ? bytes_in(pipe) : 0;
    errno = saved;
    return bytes;
}

} // namespace procpool::os
