// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TRACE_RECORDER_HPP
#define PROCPOOL_TRACE_RECORDER_HPP

#include "os/output_file.hpp"
#include "trace/event.hpp"
#include "trace/event_text.hpp"

#include <procpool/detail/call/job.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace procpool::tracing {

/// When a worker ran consecutive items, as it has reported it. See `event`.
struct run_times {
    std::uint64_t begun = 0;
    std::uint64_t each = 0;
};

/// Writes the trace of a pool, see pool_options::trace.
///
/// To record an event takes a lock that nobody holds for long, and some tens of nanoseconds. A thread of its
/// own turns events into text and writes the file: a disk may take any time. This thread sleeps while nothing
/// happens, and otherwise gathers events for a tenth of a second, so that a program that is killed loses no
/// more. After each write the file is valid JSON: the next one begins with the closing bracket.
///
/// If the file cannot be written any more, the trace ends there. If events come faster than they can be
/// written, some are dropped, and the trace says so.
///
/// Thread safety: any thread, except for `close`. Events of one job, and submissions, come one after the
///                other.
class recorder {
  public:
    /// `places_each`: the places of a worker, 1 or 2. `on_failure` is called once, in the writing thread, if
    /// the file cannot be written any more.
    ///
    /// Errors: throws boost::system::system_error if the file cannot be written, std::system_error if there
    ///         is no thread, std::bad_alloc.
    recorder(const std::filesystem::path& file, std::size_t places_each,
             std::function<void(const std::exception_ptr&)> on_failure);
    /// Likewise; null if `file` is empty. What goes wrong with the file is thrown by a function that is passed to
    /// `post`, which has it called where callbacks run, so that set_unhandled is told.
    static std::unique_ptr<recorder> of(const std::filesystem::path& file, std::size_t places_each,
                                        const std::function<void(std::function<void()>)>& post);
    recorder(const recorder&) = delete;
    recorder& operator=(const recorder&) = delete;
    ~recorder() { close(); }

    /// A job is submitted at the time `now`, in nanoseconds of the steady clock. Returns that time, or a
    /// slightly later one, which no other job has.
    std::int64_t submitted(const detail::job& job, std::int64_t now) noexcept;
    /// A worker has run items [first, first + items) of a job, or a hook, and they have their
    /// outcome.
    void ran(std::size_t place, const detail::job& job, std::uint32_t first, std::uint32_t items,
             run_times when, outcome how) noexcept;
    /// Likewise, but they get their outcome later.
    void tried(std::size_t place, const detail::job& job, std::uint32_t first, std::uint32_t items,
               run_times when, outcome how) noexcept;
    /// A worker has run an item that had timed out. `again`: it is to be run once more.
    void ran_late(std::size_t place, const detail::job& job, std::uint32_t item, run_times when,
                  bool again) noexcept {
        if (again)
            tried(place, job, item, 1, when, outcome::timed_out);
        else
            ran(place, job, item, 1, when, outcome::timed_out);
    }
    /// Items have got their outcome without a worker.
    void not_run(const detail::job& job, std::uint32_t first, std::uint32_t items, outcome how) noexcept;
    /// Something has happened to a process.
    void worker(worker_event::kind what, std::size_t place, long pid, std::string_view text = {}) noexcept;

    /// Writes what has been recorded, and closes the file. Later events are ignored.
    ///
    /// Thread safety: one thread at a time.
    void close() noexcept;

  private:
    struct block {
        std::array<event, 1024> events;
        std::size_t used = 0;
    };
    using blocks = std::vector<std::unique_ptr<block>>;
    struct batch {
        blocks full; // in order
        std::vector<worker_event> of_workers;
        std::uint64_t dropped = 0;
        bool is_last = false;
    };
    enum : std::uint32_t { nothing, something, urgent }; // what there is to write

    event event_of(event::kind what, const detail::job& job, std::uint32_t first,
                   std::uint32_t items) noexcept;
    void add_run(event::kind kind, std::size_t place, const detail::job& job, std::uint32_t first,
                 std::uint32_t items, run_times when, outcome how) noexcept;
    void add(event what, const detail::job& job) noexcept;
    bool has_room() noexcept;
    std::uint32_t name_of(const detail::job& job) noexcept;
    void announce(std::uint32_t what) noexcept;

    // The writing thread.
    void run() noexcept;
    void write_all();
    void await_events() noexcept;
    void take(batch& out);
    void give_back(batch& what) noexcept;
    void format(const batch& what);
    void format(const event& what);
    void flush();
    void stop(const std::exception_ptr& why) noexcept;

    std::mutex mutex_; // guards the members down to `words_`
    blocks filling_;
    blocks free_;
    std::vector<worker_event> of_workers_;
    std::uint64_t dropped_ = 0;
    std::unordered_map<detail::task_runner, std::uint32_t> numbers_; // of names
    detail::task_runner last_run_ = nullptr;                         // and its number
    std::uint32_t last_number_ = 0;
    std::vector<std::string> new_names_; // escaped; unknown to the writing thread
    std::uint64_t last_submission_ = 0;
    bool closing_ = false;
    bool stopped_ = false;
    std::atomic<std::uint32_t> words_{nothing}; // changed under the lock; the writing thread sleeps on it

    // These belong to the writing thread.
    std::optional<os::output_file> file_;
    std::uint64_t written_ = 0; // bytes in the file, without the closing bracket
    event_text text_;
    std::string buffer_;
    std::vector<std::string> names_;
    std::function<void(const std::exception_ptr&)> on_failure_;
    std::thread thread_;
};

} // namespace procpool::tracing

#endif
