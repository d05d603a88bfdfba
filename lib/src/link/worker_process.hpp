// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_LINK_WORKER_PROCESS_HPP
#define PROCPOOL_LINK_WORKER_PROCESS_HPP

#include "channel/argument_memory.hpp"
#include "channel/memory.hpp"
#include "handshake/parent_request.hpp"
#include "handshake/start_message.hpp"
#include "link/worker_streams.hpp"
#include "os/exit_report.hpp"
#include "os/lifeline_stream.hpp"
#include "os/process.hpp"
#include "os/waiting.hpp"

#include <procpool/worker_settings.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace procpool::pooling {

/// A process from its start to its end: reports when it is ready, when it ended and how.
///
/// Errors:        without memory, members and handlers throw std::bad_alloc out of io_context::run, and
///                `go_on` repeats the failed operations.
/// Thread safety: the io_context's thread.
class worker_process : public std::enable_shared_from_this<worker_process> {
  public:
    /// Handles that the process inherits, besides those made for it alone.
    struct surroundings {
        const os::launch_context& context;
        const worker_settings& settings; // of this process; only needed by `start`
        const channel::argument_memory& arguments;
        const os::doorbell& own_bell;
        const os::doorbell& pool_bell;
        const os::doorbell& collector_bell;
        std::shared_ptr<worker_outputs> outputs; // null: it has the standard streams of this process
        std::function<worker_streams::task()> what_runs;
    };
    struct events {
        /// The process has sent a valid hello, and can be given work. Now `finish_start` or `fail_start` must
        /// be called.
        std::function<void()> connected;
        /// The process is ending: called before it is killed; `expect_end` prevents the kill.
        std::function<void()> hung_up;
        /// The process is gone and reaped: called until the call does not throw. `reason`: why the process
        /// never became ready, if so.
        std::function<void(const os::exit_report& how, const std::string& reason)> ended;
        /// The process has written a stack that was requested. It must not throw.
        std::function<void()> stack_written;
    };

    /// Starts a process.
    ///
    /// Errors: throws an exception with the reason if it could not be started; then no event follows.
    static std::shared_ptr<worker_process> start(boost::asio::io_context& context,
                                                 const serving::start_message& message,
                                                 const surroundings& around,
                                                 std::chrono::nanoseconds start_timeout, events on);

    long pid() const noexcept { return pid_; }
    /// How many processes of its worker there were before.
    std::uint64_t generation() const noexcept { return generation_; }
    /// Whether the process was killed, or told to exit, because it was not needed or not usable: then the way
    /// in which it ended has no meaning.
    bool was_given_up() const noexcept { return given_up_; }
    const std::shared_ptr<const channel::channel_memory>& memory() const noexcept { return memory_; }

    /// The worker is ready: the start time-out ends, and the end of the process is not a failure of the
    /// start.
    void finish_start() noexcept;
    /// The worker is not usable, for the given reason: kills the process.
    void fail_start(std::string_view reason) noexcept;
    /// If the worker is not ready yet, it is not needed any more: asks the process to exit, and kills it
    /// after the grace period.
    void abandon_start(std::chrono::nanoseconds grace);
    /// What the process has written to standard error; null if it is not read.
    std::shared_ptr<const last_errors> printed() const noexcept {
        return streams_ ? streams_->last() : nullptr;
    }
    /// Lines of its output were passed on: there may be room for others.
    void read_output() {
        if (streams_)
            streams_->go_on();
    }
    /// From now on the end of the process is expected, and processes that it started are left running.
    void expect_end() noexcept { end_expected_ = true; }
    bool end_expected() const noexcept { return end_expected_; }
    /// Repeats operations that failed for lack of memory.
    void go_on();
    /// Sends a request, which the worker reads even during a task. A request that has not been sent yet is
    /// replaced by the next of the same kind: its item or frame has been settled since. So at most one
    /// request of each kind waits for a worker that does not read.
    void request(const serving::parent_request& what);
    /// Likewise, but only notes the request, for the next `send_next`.
    void note(const serving::parent_request& what) noexcept;
    /// Sends the noted requests.
    ///
    /// Errors: throws std::bad_alloc; then the requests stay noted.
    void send_next();
    /// Kills the process and the processes that it started.
    void kill() noexcept;

    worker_process(boost::asio::io_context& context, events on);

  private:
    void launch(serving::start_message message, const surroundings& around);
    void end_what_it_started() noexcept;
    void watch_exit();
    void report_end();
    void read_hello();
    void lifeline_closed();
    std::string why_not_ready() const;
    void begin();
    void read_text();
    void greeted(std::optional<std::string> reason);
    void watch_lifeline();
    void answered(boost::system::error_code error);
    void limit_start(std::chrono::nanoseconds timeout);
    void give_up();
    void start_took_too_long(std::string_view reason) noexcept;
    void heard(boost::system::error_code error);
    void abandon_launch() noexcept;

    boost::asio::io_context& context_;
    events on_;
    std::shared_ptr<const channel::channel_memory> memory_;
    std::optional<os::process> process_;
    std::optional<os::lifeline_stream> lifeline_;
    std::shared_ptr<worker_streams> streams_; // null: its output is not read
    boost::asio::steady_timer start_timer_;
    serving::hello_head hello_{};
    std::string text_;
    // Requests to be sent, by kind.
    std::array<std::optional<serving::parent_request>, serving::parent_request_kinds> requests_{};
    serving::parent_request sent_{}; // while `sending_`
    bool sending_ = false;
    char answer_ = 0;
    bool awaits_answer_ = false; // a read of the lifeline must be started
    std::string reason_;
    long pid_ = 0;
    std::uint64_t generation_ = 0;
    bool begun_ = false; // init() was called in it
    bool connected_ = false;
    bool ready_ = false;
    bool given_up_ = false;
    bool hearing_ = false; // the hello has not been read to the end
    bool end_expected_ = false;
    bool exit_watched_ = false;
    bool end_reported_ = false;
    bool hung_up_ = false; // the lifeline was shut down, so that the process ends itself
    std::optional<os::exit_report> exit_;
};

} // namespace procpool::pooling

#endif
