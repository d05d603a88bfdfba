// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "top/pool_view.hpp"

#include "status/layout.hpp"
#include "text/utf8.hpp"
#include "top/other_memory.hpp"
#include "top/running_frame.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <map>
#include <type_traits>

namespace top {
namespace {

namespace status = procpool::status;
using std::chrono::nanoseconds;

constexpr std::size_t offset_of_names = offsetof(status::page, names);
constexpr std::size_t offset_of_rows = offsetof(status::page, rows);

/// So many rows are read: a hostile program must not have all memory filled.
constexpr std::uint64_t most_rows = status::max_rows;

std::string text_of(const char* first, std::size_t most) {
    return printable({first, static_cast<std::size_t>(std::find(first, first + most, '\0') - first)});
}

/// Whether a terminal would obey this character: an ASCII control character, or one of U+0080 to U+009F.
bool is_control(std::string_view character) noexcept {
    const auto lead = static_cast<unsigned char>(character.front());
    return lead < 0x20 || lead == 0x7f || (lead == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0);
}

/// Histograms count on it that all of their durations together have a number.
void check(const procpool::latency_histogram& of) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i != of.buckets; ++i) {
        if (of.count_in(i) > std::numeric_limits<std::uint64_t>::max() - sum)
            throw unreadable("the counts contradict themselves");
        sum += of.count_in(i);
    }
    if (of.max() < nanoseconds::zero() || of.sum() < nanoseconds::zero())
        throw unreadable("the counts contradict themselves");
}

/// Reads the counts until they are those of one moment: they only grow, so that they are if two readings are equal.
procpool::pool_stats read_stats(const memory& from, bool& settled) {
    static_assert(std::is_trivially_copyable_v<procpool::pool_stats>);
    constexpr auto at = offsetof(status::pool_head, stats);
    using counts = copy_of<procpool::pool_stats>;
    counts before;
    counts now;
    if (!now.read(from, at))
        throw unreadable("the counts are missing");
    settled = false;
    for (int attempt = 0; attempt != most_attempts && !settled; ++attempt) {
        before = now;
        in_order();
        if (!now.read(from, at))
            throw unreadable("the counts are missing");
        settled = std::equal(before.data(), before.data() + counts::size, now.data());
    }
    procpool::pool_stats out;
    std::memcpy(&out, now.data(), sizeof out);
    check(out.wait);
    check(out.run);
    out.busy_time = std::max(out.busy_time, nanoseconds::zero());
    return out;
}

/// Items that run or wait are not counted, but what is left of the others.
void fill_up(procpool::pool_stats& stats, std::uint64_t running) {
    auto rest = stats.submitted;
    for (const auto ended :
         {stats.succeeded, stats.threw, stats.lost, stats.timed_out, stats.cancelled, stats.abandoned})
        rest -= std::min(rest, ended); // in the middle of a change, one may be too much
    stats.running = std::min(rest, running);
    stats.queued = rest - stats.running;
}

class names {
  public:
    names(const memory& from, std::uint64_t count) {
        count = std::min<std::uint64_t>(count, status::max_names);
        std::vector<status::task_name> entries(static_cast<std::size_t>(count));
        const auto bytes = std::as_writable_bytes(std::span(entries));
        if (from(offset_of_names, bytes) != bytes.size())
            throw unreadable("the names of tasks are missing");
        for (const auto& each : entries)
            by_task_.emplace(each.task,
                             text_of(each.text.data(), std::min<std::size_t>(each.bytes, each.text.size())));
    }
    std::string of(std::uint64_t task) const {
        const auto found = by_task_.find(task);
        return found == by_task_.end() ? std::string() : found->second;
    }

  private:
    std::map<std::uint64_t, std::string> by_task_;
};

/// A row of the table, read in one piece.
struct row {
    status::row_state state = status::row_state::empty;
    std::uint64_t worker = 0;
    std::int64_t pid = 0;
    std::uint64_t restarts = 0;
    std::uint32_t channel = 0;
    std::uint64_t channel_number = 0;
    std::uint64_t tasks_done = 0;
};

using row_bytes = copy_of<status::worker_row>;

std::optional<row> row_in(const row_bytes& first, const row_bytes& second) {
    constexpr auto facts = offsetof(status::worker_row, tasks_done); // which change together
    const auto changes = PROCPOOL_WORD(first, status::worker_row, std::uint32_t, changes);
    if (changes % 2 != 0 || !std::equal(first.data(), first.data() + facts, second.data()))
        return std::nullopt;
    return row{PROCPOOL_WORD(second, status::worker_row, status::row_state, state),
               PROCPOOL_WORD(second, status::worker_row, std::uint64_t, worker),
               PROCPOOL_WORD(second, status::worker_row, std::int64_t, pid),
               PROCPOOL_WORD(second, status::worker_row, std::uint64_t, restarts),
               PROCPOOL_WORD(second, status::worker_row, std::uint32_t, channel),
               PROCPOOL_WORD(second, status::worker_row, std::uint64_t, channel_number),
               PROCPOOL_WORD(second, status::worker_row, std::uint64_t, tasks_done)};
}

/// A row that keeps changing, or whose change the pool was stopped in, counts as one without a process.
row read_row(const memory& from, std::uint64_t place) {
    const auto at = offset_of_rows + place * sizeof(status::worker_row);
    row_bytes before;
    row_bytes now;
    if (!now.read(from, at))
        throw unreadable("the table of workers is cut off");
    for (int attempt = 0; attempt != most_attempts; ++attempt) {
        before = now;
        in_order();
        if (!now.read(from, at))
            throw unreadable("the table of workers is cut off");
        if (const auto out = row_in(before, now))
            return *out;
    }
    row changing;
    changing.worker = PROCPOOL_WORD(now, status::worker_row, std::uint64_t, worker);
    changing.tasks_done = PROCPOOL_WORD(now, status::worker_row, std::uint64_t, tasks_done);
    return changing;
}

nanoseconds time_since(std::int64_t since, nanoseconds now) noexcept {
    return since > 0 && since <= now.count() ? now - nanoseconds(since) : nanoseconds::zero();
}

struct hooks {
    std::uint64_t initializer = 0;
    std::uint64_t finalizer = 0;
};

worker_view view_of(const row& of, const hooks& of_pool, const names& tasks, const channel_finder& channels,
                    nanoseconds now) {
    worker_view out;
    out.index = static_cast<std::size_t>(of.worker);
    out.tasks_done = of.tasks_done;
    out.restarts = of.restarts;
    if (of.state == status::row_state::empty || of.pid <= 0)
        return out;
    out.pid = of.pid;
    out.state = of.state == status::row_state::starting ? worker_state::starting
                : of.state == status::row_state::ending ? worker_state::ending
                                                        : worker_state::idle;
    const auto memory = channels(of.channel, of.channel_number);
    const auto frame = memory ? read_frame(*memory) : std::nullopt;
    if (!frame || !frame->any)
        return out;
    const bool is_hook = (of.state == status::row_state::starting && frame->task == of_pool.initializer) ||
                         (of.state == status::row_state::ending && frame->task == of_pool.finalizer);
    if (out.state == worker_state::idle)
        out.state = worker_state::busy;
    if (!frame->runs)
        return out;
    out.runs = !is_hook;
    out.task = tasks.of(frame->task);
    out.running_for = time_since(frame->since, now);
    if (frame->reported > 0) // not true for a NaN
        out.reported = std::min(frame->reported, 1.0);
    return out;
}

/// Which of the two processes of a worker, which take turns, stands for it.
bool stands_before(const worker_view& one, const worker_view& other) {
    const auto rank = [](const worker_view& of) {
        switch (of.state) {
        case worker_state::busy:
            return 4;
        case worker_state::idle:
            return 3;
        case worker_state::ending:
            return 2;
        case worker_state::starting:
            return 1;
        case worker_state::absent:
            break;
        }
        return 0;
    };
    return rank(one) > rank(other);
}

/// As pool::workers: the tasks of all processes of a worker, and what the one does that works.
void read_workers(pool_view& out, const memory& from, std::uint64_t rows, const hooks& of_pool,
                  const names& tasks, const channel_finder& channels, nanoseconds now) {
    std::map<std::size_t, worker_view> found;
    for (std::uint64_t place = 0; place != std::min(rows, most_rows); ++place) {
        const auto read = read_row(from, place);
        if (read.worker >= status::max_rows)
            throw unreadable("the table of workers contradicts itself");
        // A place that had no process yet has no number. Surplus workers, after a resize, are shown until they end.
        if (read.pid == 0 && (out.elastic || read.worker >= out.processes) && read.tasks_done == 0)
            continue;
        auto view = view_of(read, of_pool, tasks, channels, now);
        const auto [at, is_first] = found.try_emplace(view.index, view);
        if (is_first)
            continue;
        auto& known = at->second;
        const auto done = known.tasks_done + view.tasks_done;
        if (stands_before(view, known))
            known = view;
        known.tasks_done = done;
    }
    for (const auto& [index, view] : found)
        if (view.pid || (!out.elastic && index < out.processes))
            out.workers.push_back(view);
    if (!out.elastic && out.workers.size() < out.processes)
        out.workers_not_shown = out.processes - out.workers.size();
}

/// The program itself stands for the worker.
void add_program(pool_view& out, const copy_of<status::pool_head>& head, std::int64_t program,
                 const names& tasks, nanoseconds now) {
    worker_view view;
    view.pid = program;
    view.state = worker_state::idle;
    view.tasks_done = out.stats.succeeded + out.stats.threw;
    if (const auto task = PROCPOOL_WORD(head, status::pool_head, std::uint64_t, runs)) {
        view.state = worker_state::busy;
        view.runs = true;
        view.index = static_cast<std::size_t>(PROCPOOL_WORD(head, status::pool_head, std::uint64_t, runs_as));
        view.task = tasks.of(task);
        view.running_for = time_since(PROCPOOL_WORD(head, status::pool_head, std::int64_t, runs_since), now);
    }
    out.workers.push_back(view);
}

const char* name_of_phase(std::uint64_t phase) {
    switch (static_cast<status::phase>(phase)) {
    case status::phase::open:
        return "open";
    case status::phase::closed:
        return "closed";
    case status::phase::terminated:
        return "terminated";
    }
    throw unreadable("its state is unknown");
}

} // namespace

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto length = procpool::text::utf8_length(text);
        if (length == 0 || is_control(text.substr(0, length)))
            out += "\xef\xbf\xbd";
        else
            out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

const char* name_of(worker_state state) noexcept {
    switch (state) {
    case worker_state::starting:
        return "starting";
    case worker_state::idle:
        return "idle";
    case worker_state::busy:
        return "busy";
    case worker_state::ending:
        return "ending";
    case worker_state::absent:
        break;
    }
    return "absent";
}

std::optional<pool_view> read_pool(const memory& from, std::int64_t program, const channel_finder& channels,
                                   nanoseconds now) {
    copy_of<status::page_prefix> prefix;
    if (!prefix.read(from))
        throw unreadable("it is too short");
    const auto pid = PROCPOOL_WORD(prefix, status::page_prefix, std::uint64_t, pid);
    if (pid == 0)
        return std::nullopt;
    using magic = std::remove_const_t<decltype(status::page_magic)>;
    if (PROCPOOL_WORD(prefix, status::page_prefix, magic, magic) != status::page_magic)
        throw unreadable("it is no status of a pool");
    if (pid != static_cast<std::uint64_t>(program))
        return std::nullopt;
    using version = decltype(status::page_prefix::library_version);
    const auto made_by = PROCPOOL_WORD(prefix, status::page_prefix, version, library_version);
    pool_view out;
    out.library_version = text_of(made_by.data(), made_by.size());
    if (PROCPOOL_WORD(prefix, status::page_prefix, std::uint64_t, layout) != status::layout_id())
        throw other_version("it was made by procpool " + out.library_version + ", with another layout");
    copy_of<status::pool_head> head;
    in_order();
    if (!head.read(from))
        throw unreadable("it is too short");
    out.number = PROCPOOL_WORD(head, status::pool_head, std::uint64_t, number);
    out.in_process = PROCPOOL_WORD(head, status::pool_head, std::uint64_t, in_process) != 0;
    out.elastic = PROCPOOL_WORD(head, status::pool_head, std::uint64_t, elastic) != 0;
    out.minimum = PROCPOOL_WORD(head, status::pool_head, std::uint64_t, minimum);
    out.processes = PROCPOOL_WORD(head, status::pool_head, std::uint64_t, processes);
    out.phase = name_of_phase(PROCPOOL_WORD(head, status::pool_head, std::uint64_t, phase));
    out.age = time_since(PROCPOOL_WORD(head, status::pool_head, std::int64_t, made_at), now);
    const names tasks(from, PROCPOOL_WORD(head, status::pool_head, std::uint64_t, names));
    out.stats = read_stats(from, out.settled);
    if (out.in_process)
        add_program(out, head, program, tasks, now);
    else
        read_workers(out, from, PROCPOOL_WORD(head, status::pool_head, std::uint64_t, rows),
                     {PROCPOOL_WORD(head, status::pool_head, std::uint64_t, initializer),
                      PROCPOOL_WORD(head, status::pool_head, std::uint64_t, finalizer)},
                     tasks, channels, now);
    fill_up(out.stats, static_cast<std::uint64_t>(std::count_if(out.workers.begin(), out.workers.end(),
                                                                [](const auto& w) { return w.runs; })));
    return out;
}

} // namespace top
