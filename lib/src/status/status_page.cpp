// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "status/status_page.hpp"

#include "os/self.hpp"

#include <procpool/version.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>
#include <new>
#include <string>

namespace procpool::status {
namespace {

constexpr std::uint64_t names_offset = offsetof(page, names);
constexpr std::uint64_t rows_offset = offsetof(page, rows);

std::atomic<std::uint64_t> pools_made{0};

std::array<char, 32> version_text() {
    const auto text = std::to_string(PROCPOOL_VERSION_MAJOR) + '.' + std::to_string(PROCPOOL_VERSION_MINOR) +
                      '.' + std::to_string(PROCPOOL_VERSION_PATCH);
    std::array<char, 32> out{};
    std::copy_n(text.begin(), std::min(text.size(), out.size() - 1), out.begin());
    return out;
}

} // namespace

static_assert(max_names == 512); // see slot_of

void status_page::open(const facts& about) noexcept {
    try {
        memory_ = os::shared_memory::create_shown(sizeof(page));
        if (!memory_)
            return;
        os::ensure_memory(*memory_, 0, sizeof(pool_head));
        mapping_.emplace(*memory_, os::access::read_write, 0, sizeof(page));
        mapping_->exclude_from_copies();
        named_ = std::make_unique<std::array<std::uint64_t, max_names>>();
        auto* const made = reinterpret_cast<page*>(mapping_->data());
        auto& head = *new (&made->head) pool_head{};
        head.prefix.magic = page_magic;
        head.prefix.library_version = version_text();
        head.prefix.layout = layout_id();
        head.number = ++pools_made;
        head.made_at = std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
        head.in_process = about.in_process;
        head.initializer = about.initializer;
        head.finalizer = about.finalizer;
        head.elastic = about.minimum.has_value();
        head.minimum = about.minimum.value_or(0);
        head.processes = about.processes;
        memory_->seal();
        head.prefix.pid.store(static_cast<std::uint64_t>(os::current_pid()), std::memory_order_release);
        page_ = made;
    } catch (const std::exception&) { // a pool need not be shown
        close();
    }
}

void status_page::close() noexcept {
    page_ = nullptr;
    mapping_.reset();
    memory_.reset();
    named_.reset();
    rows_ = names_ = 0;
}

void status_page::grow_to(std::size_t places, std::size_t of_worker) noexcept {
    if (page_ == nullptr)
        return;
    places = std::min(places, max_rows);
    if (places <= rows_)
        return;
    try {
        os::ensure_memory(*memory_, rows_offset, places * sizeof(worker_row));
    } catch (const std::exception&) {
        return;
    }
    for (auto place = rows_; place != places; ++place)
        (new (&page_->rows[place]) worker_row{})->worker = place / of_worker;
    rows_ = places;
    page_->head.rows.store(rows_, std::memory_order_release);
}

void status_page::set_processes(std::size_t processes) noexcept {
    if (page_ != nullptr)
        page_->head.processes.store(processes, std::memory_order_relaxed);
}

void status_page::set_phase(phase now) noexcept {
    if (page_ != nullptr)
        page_->head.phase.store(static_cast<std::uint64_t>(now), std::memory_order_relaxed);
}

void status_page::note_new_task(std::uint64_t task, name_call call, const void* name) noexcept {
    const auto* const end = named_->data() + names_;
    if (names_ != max_names &&
        std::find(static_cast<const std::uint64_t*>(named_->data()), end, task) == end) {
        try {
            os::ensure_memory(*memory_, names_offset + names_ * sizeof(task_name), sizeof(task_name));
            call(name, {*this, task});
        } catch (const std::exception&) { // the next call of the task tries again
            return;
        }
    }
    known_[slot_of(task)] = task;
}

void status_page::add_name(std::uint64_t task, std::string_view name) noexcept {
    auto& entry = *new (&page_->names[names_]) status::task_name{};
    const auto bytes = std::min(name.size(), entry.text.size());
    std::copy_n(name.data(), bytes, entry.text.data());
    entry.bytes = static_cast<std::uint32_t>(bytes);
    entry.task = task;
    (*named_)[names_] = task;
    ++names_;
    page_->head.names.store(names_, std::memory_order_release);
}

worker_row* status_page::row_at(std::size_t place) noexcept {
    return page_ != nullptr && place < rows_ ? &page_->rows[place] : nullptr;
}

namespace {

/// Changes the facts of a row: a reader sees that they are changing, or that they have changed.
template <class Change>
void change(worker_row& row, Change how) noexcept {
    const auto before = row.changes.load(std::memory_order_relaxed);
    row.changes.store(before + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    how();
    row.changes.store(before + 2, std::memory_order_release);
}

constexpr auto relaxed = std::memory_order_relaxed;

} // namespace

void status_page::process_connected(std::size_t place, std::size_t worker, long pid, std::uint64_t restarts,
                                    os::native_handle channel) noexcept {
    auto* const row = row_at(place);
    if (row == nullptr)
        return;
    change(*row, [&] {
        row->state.store(row_state::starting, relaxed);
        row->worker.store(worker, relaxed);
        row->pid.store(pid, relaxed);
        row->restarts.store(restarts, relaxed);
#if defined(_WIN32) // where no pool is shown
        static_cast<void>(channel);
#else
        row->channel.store(static_cast<std::uint32_t>(channel), relaxed);
        row->channel_number.store(os::target_of(channel).number, relaxed);
#endif
    });
}

void status_page::set_state(std::size_t place, row_state now) noexcept {
    if (auto* const row = row_at(place))
        change(*row, [&] { row->state.store(now, relaxed); });
}

void status_page::process_ended(std::size_t place) noexcept {
    auto* const row = row_at(place);
    if (row == nullptr)
        return;
    change(*row, [&] {
        row->state.store(row_state::empty, relaxed);
        row->pid.store(0, relaxed);
        row->channel.store(0, relaxed);
        row->channel_number.store(0, relaxed);
    });
}

void status_page::add_done(std::size_t place, std::uint64_t items) noexcept {
    if (auto* const row = row_at(place))
        row->tasks_done.store(row->tasks_done.load(relaxed) + items, relaxed);
}

void status_page::runs(std::uint64_t task, std::size_t worker, std::int64_t since) noexcept {
    if (page_ == nullptr)
        return;
    auto& head = page_->head;
    head.runs.store(0, relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    head.runs_as.store(worker, relaxed);
    head.runs_since.store(since, relaxed);
    head.runs.store(task, std::memory_order_release);
}

} // namespace procpool::status
