// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "link/worker_process.hpp"

#include "os/fault_point.hpp"
#include "os/handles.hpp"
#include "os/lifeline.hpp"
#include "os/self.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <new>
#include <utility>

namespace procpool::pooling {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// Limits the wait for a worker that must end by itself.
constexpr std::chrono::seconds max_time_to_end{2};

} // namespace

worker_process::worker_process(asio::io_context& context, events on)
    : context_(context)
    , on_(std::move(on))
    , start_timer_(context) {}

std::shared_ptr<worker_process> worker_process::start(asio::io_context& context,
                                                      const serving::start_message& message,
                                                      const surroundings& around,
                                                      std::chrono::nanoseconds start_timeout, events on) {
    auto made = std::make_shared<worker_process>(context, std::move(on));
    try {
        made->launch(message, around);
        made->watch_exit();
        made->read_hello();
        made->limit_start(start_timeout);
    } catch (...) {
        made->abandon_launch();
        throw;
    }
    return made;
}

void worker_process::launch(serving::start_message message, const surroundings& around) {
    memory_ = std::make_shared<const channel::channel_memory>(channel::channel_memory::create());
    auto ends = os::make_lifeline();
    lifeline_.emplace(os::make_lifeline_stream(context_, std::move(ends.parent_end)));

    std::array<os::native_handle, static_cast<std::size_t>(serving::inherited::count)> handles{};
    const auto put = [&](serving::inherited what, os::native_handle handle) {
        handles[static_cast<std::size_t>(what)] = handle;
    };
    put(serving::inherited::lifeline, ends.worker_end.get());
    put(serving::inherited::channel, memory_->memory().handle());
    put(serving::inherited::arguments, around.arguments.memory().handle());
    put(serving::inherited::own_bell, around.own_bell.handle());
    put(serving::inherited::pool_bell, around.pool_bell.handle());
    put(serving::inherited::collector_bell, around.collector_bell.handle());

    message.parent = os::current_pid();
    message.lifeline = os::handle_identity(ends.worker_end.get());
    message.copy = serving::own_copy_identity();
    os::worker_start start;
    if (around.outputs) {
        streams_ = std::make_shared<worker_streams>(
            context_, around.outputs,
            worker_streams::surroundings{message.index, around.what_runs, &around.own_bell}, memory_);
        start.output = streams_->output();
        start.errors = streams_->errors();
        message.output_is_read = 1;
    }
    start.title_suffix = "[procpool worker " + std::to_string(message.index) + "]";
    const auto& settings = around.settings;
    start.environment.assign(settings.environment.begin(), settings.environment.end());
    start.environment.emplace_back(serving::worker_variable, serving::to_text(message)); // last: it counts
    start.unset = settings.unset;
    start.cpus = settings.cpus;
    start.niceness = settings.niceness;
    start.directory = settings.directory;
    start.handles.assign(handles.begin(), handles.end());
    start.context = &around.context;
    os::fault_point(os::fault_step::spawning);
    process_.emplace(os::start_worker(context_.get_executor(), start));
    pid_ = os::pid(*process_);
    generation_ = message.generation;
    if (streams_)
        streams_->begin(pid_);
    os::fault_point(os::fault_step::spawned);
}

/// The launch has failed: no further event of the process is reported.
void worker_process::abandon_launch() noexcept {
    on_ = {};
    start_timer_.cancel();
    error_code ignored;
    if (lifeline_)
        lifeline_->close(ignored);
    if (streams_)
        streams_->close();
    if (exit_watched_)
        kill(); // the process is reaped when it has ended
    else
        process_.reset(); // kills and reaps the process
}

void worker_process::watch_exit() {
    os::async_wait_exit(
        *process_,
        [self = shared_from_this()] {
            self->end_what_it_started(); // the other processes would outlive it
        },
        [self = shared_from_this()](os::exit_report how) {
            if (self->exit_)
                return; // its end was already reported
            self->exit_ = std::move(how);
            self->report_end();
        });
    exit_watched_ = true;
}

/// The process is ending, or has ended: kills it and the processes that it started, unless its end is
/// expected. This is known after the pool's orders were carried out.
void worker_process::end_what_it_started() noexcept {
    try {
        if (on_.hung_up && !end_reported_)
            on_.hung_up();
    } catch (const std::bad_alloc&) { // the orders are repeated later
    }
    if (!end_expected_)
        kill();
}

/// Reports the end, after everything that the process sent or printed before it was read.
void worker_process::report_end() {
    if (!exit_ || hearing_ || end_reported_ || !on_.ended)
        return;
    if (streams_ && !streams_->finished()) {
        streams_->finish(!end_expected_, [weak = weak_from_this()] {
            if (const auto self = weak.lock())
                self->report_end();
        });
        return;
    }
    start_timer_.cancel();
    error_code ignored;
    lifeline_->close(ignored);
    on_.ended(*exit_, ready_ ? std::string() : why_not_ready());
    end_reported_ = true;
}

void worker_process::go_on() {
    if (awaits_answer_ && !end_reported_)
        watch_lifeline();
    read_output();
    report_end();
    send_next();
}

std::string worker_process::why_not_ready() const {
    if (!reason_.empty())
        return reason_;
    if (connected_)
        return "it ended before its initializer did";
    if (begun_)
        return "it ended after it had called procpool::init(), before it was ready";
    if (exit_->exit_status == serving::status_without_lifeline)
        return "as a worker does that has lost the descriptors which it inherited before it called "
               "procpool::init(); a program that closes all descriptors must call procpool::init() first";
    constexpr int cannot_be_executed = 127; // by convention of shells
    if (exit_->exit_status == cannot_be_executed)
        return "as a process does that could not be executed, or that lacks a shared library; "
               "procpool::init() was "
               "not called in it";
    return "it ended before it called procpool::init(), which must be the first statement of main()";
}

void worker_process::read_hello() {
    hearing_ = true;
    asio::async_read(*lifeline_, asio::buffer(&hello_, sizeof hello_),
                     [self = shared_from_this()](error_code error, std::size_t) { self->heard(error); });
}

void worker_process::heard(error_code error) {
    try {
        if (error)
            lifeline_closed();
        else if (hello_.what == serving::hello_head::kind::begun)
            begin();
        else if (auto why = serving::mismatch(hello_))
            greeted(std::move(why));
        else if (hello_.what == serving::hello_head::kind::failed)
            read_text();
        else
            greeted(std::nullopt);
    } catch (const std::bad_alloc&) {
        hearing_ = false;
        fail_start("there was no memory when it started");
        report_end();
    }
}

/// The process ended, or has closed its lifeline and will end. The way in which it ends gives the best
/// reason.
void worker_process::lifeline_closed() {
    hearing_ = false;
    if (!exit_) {
        start_timer_.expires_after(max_time_to_end);
        start_timer_.async_wait([self = shared_from_this()](error_code error) {
            if (!error)
                self->start_took_too_long(
                    "it closed what it had inherited before it was ready, and did not end");
        });
    }
    report_end();
}

void worker_process::begin() {
    begun_ = true;
    read_hello();
}

void worker_process::read_text() {
    text_.resize(std::min(hello_.text_bytes, serving::hello_head::max_text_bytes));
    asio::async_read(*lifeline_, asio::buffer(text_), [self = shared_from_this()](error_code, std::size_t) {
        self->greeted(std::move(self->text_));
    });
}

void worker_process::greeted(std::optional<std::string> reason) {
    os::fault_point(os::fault_step::greeting);
    hearing_ = false;
    if (reason) {
        fail_start(*reason);
    } else if (!exit_ && !given_up_) {
        connected_ = true;
        watch_lifeline();
        on_.connected();
    }
    report_end();
}

void worker_process::finish_start() noexcept {
    ready_ = true;
    if (!hung_up_)
        start_timer_.cancel();
}

void worker_process::fail_start(std::string_view reason) noexcept {
    try {
        if (!given_up_) // only the first reason is kept: later ones are consequences
            reason_ = reason;
    } catch (const std::bad_alloc&) { // why_not_ready() still describes how far the start got
    }
    given_up_ = true;
    kill();
}

/// A closed lifeline means that the worker is dead. It shows this before the exit is seen, and even if the
/// process pretends to live.
void worker_process::watch_lifeline() {
    awaits_answer_ = true;
    asio::async_read(*lifeline_, asio::buffer(&answer_, 1),
                     [self = shared_from_this()](error_code error, std::size_t) { self->answered(error); });
    awaits_answer_ = false;
}

void worker_process::answered(error_code error) {
    if (error || answer_ != serving::stack_written) {
        end_what_it_started();
        return;
    }
    if (on_.stack_written)
        on_.stack_written();
    watch_lifeline();
}

void worker_process::limit_start(std::chrono::nanoseconds timeout) {
    start_timer_.expires_after(timeout);
    start_timer_.async_wait([self = shared_from_this()](error_code error) {
        if (!error)
            self->start_took_too_long(
                self->connected_ ? "its initializer did not end within the start_timeout"
                : self->begun_   ? "it was not ready within the start_timeout"
                                 : "it did not call procpool::init() within the start_timeout");
    });
}

void worker_process::start_took_too_long(std::string_view reason) noexcept {
    if (ready_)
        return;
    fail_start(reason);
    error_code ignored;
    lifeline_->close(ignored); // ends the pending read
}

void worker_process::abandon_start(std::chrono::nanoseconds grace) {
    if (ready_ || exit_ || hung_up_)
        return;
    request({serving::parent_request::kind::end, 0, 0});
    start_timer_.expires_after(grace);
    start_timer_.async_wait([self = shared_from_this()](error_code error) {
        if (!error)
            self->start_took_too_long("it was not needed any more");
    });
}

void worker_process::note(const serving::parent_request& what) noexcept {
    requests_[static_cast<std::size_t>(what.what)] = what;
    if (what.what == serving::parent_request::kind::end && streams_)
        streams_->hurry(); // its results are not wanted
}

void worker_process::request(const serving::parent_request& what) {
    note(what);
    send_next();
}

void worker_process::send_next() {
    if (sending_)
        return;
    const auto next =
        std::find_if(requests_.begin(), requests_.end(), [](const auto& each) { return !!each; });
    if (next == requests_.end())
        return;
    sent_ = **next;
    asio::async_write(*lifeline_, asio::buffer(&sent_, sizeof sent_),
                      [self = shared_from_this()](error_code error, std::size_t) {
                          self->sending_ = false;
                          if (error)
                              self->requests_ = {}; // the worker does not read any more
                          self->send_next();
                      });
    sending_ = true;
    next->reset();
}

void worker_process::kill() noexcept {
    if (exit_ || os::kill_tree(*process_) || std::exchange(hung_up_, true))
        return;
    // The worker belongs to another user, since this process has given up its privileges. It is made to end
    // itself and the processes that it started, as if this process had ended. A worker that is stopped, or
    // has not called init() yet, cannot do this.
    os::hang_up(*lifeline_);
    try {
        start_timer_.expires_after(max_time_to_end);
        start_timer_.async_wait([self = shared_from_this()](error_code error) {
            if (!error)
                self->give_up();
        });
    } catch (const std::exception&) {
        // There is no memory for a timer: the end is awaited without a limit.
    }
}

/// Reports the end without waiting for it any longer. If the process ends after all, it is reaped.
void worker_process::give_up() {
    if (exit_)
        return;
    exit_.emplace().text = "could not be ended: the system lets this process send it no signal";
    report_end();
}

} // namespace procpool::pooling
