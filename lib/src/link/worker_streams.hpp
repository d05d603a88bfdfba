// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_LINK_WORKER_STREAMS_HPP
#define PROCPOOL_LINK_WORKER_STREAMS_HPP

#include "channel/memory.hpp"
#include "delivery/last_errors.hpp"
#include "delivery/worker_outputs.hpp"
#include "os/output_pipe.hpp"
#include "os/waiting.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace procpool::pooling {

/// Reads what a worker process writes to standard output and standard error, and passes it on in lines.
///
/// Errors:        without memory, members and handlers throw std::bad_alloc out of io_context::run, and
///                `go_on` repeats the failed operations.
/// Thread safety: the io_context's thread.
class worker_streams : public std::enable_shared_from_this<worker_streams> {
  public:
    /// The task that runs in the worker.
    struct task {
        std::string name; // empty: none
        std::optional<std::size_t> item_index;
    };
    struct surroundings {
        std::size_t worker = 0;
        std::function<task()> what_runs;
        const os::doorbell* worker_bell = nullptr;
    };

    /// Errors: throws boost::system::system_error, std::bad_alloc.
    worker_streams(boost::asio::io_context& context, std::shared_ptr<worker_outputs> to, surroundings around,
                   std::shared_ptr<const channel::channel_memory> memory);
    worker_streams(const worker_streams&) = delete;
    worker_streams& operator=(const worker_streams&) = delete;
    ~worker_streams() = default;

    /// The worker's ends, for its start.
    os::native_handle output() const noexcept { return streams_[0].worker_end.get(); }
    os::native_handle errors() const noexcept { return streams_[1].worker_end.get(); }

    /// The worker has started: closes its ends here, and begins to read.
    void begin(long pid);
    /// Repeats operations that failed for lack of memory, and goes on when there may be room for lines.
    void go_on();
    /// The worker is dead: reads what it had written, closes the pipes, and calls `finished`. Another process
    /// may still have their other ends, so there may be no end of file. `lines_first`: `finished` is called
    /// after on_output was called for all lines, unless it gets no further for some time. A second call
    /// changes nothing.
    void finish(bool lines_first, std::function<void()> finished);
    bool finished() const noexcept { return finished_; }
    /// Nothing that depends on the end of the worker is wanted any more: `finish` does not wait for lines.
    void hurry() noexcept;
    /// Closes the pipes: nothing more is read, and no function is called.
    void close() noexcept;

    const std::shared_ptr<const last_errors>& last() const noexcept { return last_; }

  private:
    struct stream {
        explicit stream(os::output_stream from, os::unique_handle to)
            : pipe(std::move(from))
            , worker_end(std::move(to))
            , buffer(buffer_bytes) {}

        os::output_stream pipe;
        os::unique_handle worker_end;
        std::vector<char> buffer;
        std::size_t unhandled = 0; // bytes in `buffer`
        std::size_t untold = 0;    // bytes of which the worker does not know yet that they were read
        std::string pending;       // the start of a line, and what could not be passed on
        bool reading = false;
        bool at_end = false;
        std::optional<std::size_t> rest; // to be read after the end of the worker
    };
    static constexpr std::size_t buffer_bytes = 32 * 1024;

    static stream make_stream(boost::asio::io_context& context);
    void read(stream& from);
    void got(stream& from, bool at_end, std::size_t bytes);
    void pass_on(stream& from, bool all);
    void tell_worker(stream& about) noexcept;
    void set_paused(bool paused) noexcept;
    void ring() noexcept;
    void finish_reading();
    void read_rest(stream& from);
    void await_lines();
    void look_again();
    void end();

    const std::shared_ptr<worker_outputs> to_;
    const surroundings around_;
    const std::shared_ptr<const channel::channel_memory> memory_;
    const std::shared_ptr<last_errors> errors_ = std::make_shared<last_errors>();
    const std::shared_ptr<const last_errors> last_ = errors_;
    std::array<stream, 2> streams_;
    boost::asio::steady_timer timer_;
    bool timer_set_ = false;
    long pid_ = 0;
    bool paused_ = false;
    bool finishing_ = false;
    bool all_read_ = false;
    bool finished_ = false;
    bool closed_ = false;
    bool lines_first_ = false;
    bool hurried_ = false;
    std::uint64_t posted_ = 0;         // the number of the last piece of this worker
    std::uint64_t handled_before_ = 0; // when the clock was looked at last
    int looks_without_progress_ = 0;
    std::function<void()> on_finished_;
};

} // namespace procpool::pooling

#endif
