// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_WORKER_PROCESS_HPP
#define PROCPOOL_POOL_WORKER_PROCESS_HPP

#include "channel/argument_memory.hpp"
#include "channel/memory.hpp"
#include "os/doorbell.hpp"
#include "os/exit_report.hpp"
#include "os/lifeline_stream.hpp"
#include "os/process.hpp"
#include "worker/parent_request.hpp"
#include "worker/start_message.hpp"

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

/// A process from its start to its end: says when it is ready, when it ended and how.
///
/// Errors: where there is no memory, members and handlers throw std::bad_alloc out of io_context::run, and
///         `go_on` does what they could not.
/// Thread safety: the io_context's thread.
class worker_process : public std::enable_shared_from_this<worker_process> {
  public:
    /// What the process inherits, beside what is made for it alone.
    struct surroundings {
        const os::launch_context& context;
        const channel::argument_memory& arguments;
        const os::doorbell& own_bell;
        const os::doorbell& pool_bell;
        const os::doorbell& collector_bell;
    };
    struct events {
        /// It said hello and fits: it can be given work. Now `finish_start` or `fail_start` is to be called.
        std::function<void()> connected;
        /// It is ending: called before it is killed, which `expect_end` prevents.
        std::function<void()> hung_up;
        /// It is gone and reaped: called until it does not throw. `complaint`: why it never became ready, in
        /// words, if so.
        std::function<void(const os::exit_report& how, const std::string& complaint)> ended;
    };

    /// Starts a process.
    /// Errors: throws what says why it could not be started; then no event comes.
    static std::shared_ptr<worker_process> start(boost::asio::io_context& context,
                                                 const serving::start_message& message,
                                                 const surroundings& around,
                                                 std::chrono::nanoseconds start_timeout, events on);

    long pid() const noexcept { return pid_; }
    /// It was ended, or told to end, since it was of no use: how it ended says nothing.
    bool was_given_up() const noexcept { return given_up_; }
    const std::shared_ptr<const channel::channel_memory>& memory() const noexcept { return memory_; }

    /// It is ready: its start is no longer limited, and its end no failure of the start.
    void finish_start() noexcept;
    /// It is of no use, for the reason given: ends it.
    void fail_start(std::string_view complaint) noexcept;
    /// It is not needed any more, if it is not ready yet: asks it to end, and ends it after the grace.
    void abandon_start(std::chrono::nanoseconds grace);
    /// From now on its end is expected, and what it started is left alone.
    void expect_end() noexcept { end_expected_ = true; }
    /// Does what it could not do when there was no memory.
    void go_on();
    /// Says something to it that it hears in the middle of a task too. What it has not been sent is replaced
    /// by the next of the same kind: it was about an item or a frame that has been settled since. So a worker
    /// that does not read has no more waiting for it than there are kinds.
    void request(const serving::parent_request& what);
    /// Likewise, but says it no sooner than at the next `send_next`.
    void note(const serving::parent_request& what) noexcept;
    /// Says what was noted. Errors: throws std::bad_alloc; then it stays noted.
    void send_next();
    /// Ends it and what it started, whatever they are doing.
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
    void greeted(std::optional<std::string> complaint);
    void watch_lifeline();
    void limit_start(std::chrono::nanoseconds timeout);
    void give_up();
    void start_took_too_long(std::string_view complaint) noexcept;
    void heard(boost::system::error_code error);
    void abandon_launch() noexcept;

    boost::asio::io_context& context_;
    events on_;
    std::shared_ptr<const channel::channel_memory> memory_;
    std::optional<os::process> process_;
    std::optional<os::lifeline_stream> lifeline_;
    boost::asio::steady_timer start_timer_;
    serving::hello_head hello_{};
    std::string text_;
    // What it is to hear, by kind.
    std::array<std::optional<serving::parent_request>, serving::parent_request_kinds> requests_{};
    serving::parent_request sent_{}; // while `sending_`
    bool sending_ = false;
    std::string complaint_;
    long pid_ = 0;
    bool begun_ = false; // init() was called in it
    bool connected_ = false;
    bool ready_ = false;
    bool given_up_ = false;
    bool hearing_ = false; // its hello has not been read to the end
    bool end_expected_ = false;
    bool exit_watched_ = false;
    bool end_reported_ = false;
    bool hung_up_ = false; // and it is to end itself
    std::optional<os::exit_report> exit_;
};

} // namespace procpool::pooling

#endif
