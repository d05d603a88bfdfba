// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_STATUS_STATUS_PAGE_HPP
#define PROCPOOL_STATUS_STATUS_PAGE_HPP

#include "os/handles.hpp"
#include "os/memory.hpp"
#include "status/layout.hpp"

#include <procpool/pool_stats.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace procpool::status {

/// What procpool-top shows of one pool. If the system has no such memory, or refuses it, the pool is not shown,
/// and all functions do nothing.
///
/// Thread safety: under the pool's lock.
class status_page {
  public:
    struct facts {
        std::size_t processes = 0;
        std::optional<std::size_t> minimum;
        bool in_process = false;
        std::uint64_t initializer = 0; // channel::task_id; 0: none
        std::uint64_t finalizer = 0;
    };

    status_page() noexcept = default;
    status_page(const status_page&) = delete;
    status_page& operator=(const status_page&) = delete;

    void open(const facts& about) noexcept;
    /// From now on the pool is not shown. The counts must be kept elsewhere before.
    void close() noexcept;

    /// Where the pool is to keep its counts; null: it is not shown.
    pool_stats* counts() noexcept { return page_ == nullptr ? nullptr : &page_->head.stats; }

    /// Shows so many places of the scheduler, or those for which there is memory. Each worker has `of_worker` of
    /// them.
    void grow_to(std::size_t places, std::size_t of_worker) noexcept;
    void set_processes(std::size_t processes) noexcept;
    void set_phase(phase now) noexcept;

    /// A call of this task was submitted. `name` is called once for each task, and may throw.
    template <class Name>
    void note_task(std::uint64_t task, Name name) noexcept {
        if (page_ != nullptr && known_[slot_of(task)] != task)
            note_new_task(
                task,
                [](const void* call, const name_use& use) { use.with((*static_cast<const Name*>(call))()); },
                &name);
    }

    void process_connected(std::size_t place, std::size_t worker, long pid, std::uint64_t restarts,
                           os::native_handle channel) noexcept;
    void set_state(std::size_t place, row_state now) noexcept;
    void process_ended(std::size_t place) noexcept;
    void add_done(std::size_t place, std::uint64_t items) noexcept;

    /// Without workers: this task runs now, as of this worker; 0: none does.
    void runs(std::uint64_t task, std::size_t worker, std::int64_t since) noexcept;

  private:
    struct name_use {
        status_page& page;
        std::uint64_t task;
        void with(std::string_view name) const noexcept { page.add_name(task, name); }
    };
    using name_call = void (*)(const void* call, const name_use& use);

    static constexpr std::size_t slot_of(std::uint64_t task) noexcept {
        return (task * 0x9e37'79b9'7f4a'7c15) >> 55; // 512 slots
    }
    void note_new_task(std::uint64_t task, name_call call, const void* name) noexcept;
    void add_name(std::uint64_t task, std::string_view name) noexcept;
    worker_row* row_at(std::size_t place) noexcept;

    page* page_ = nullptr;
    std::optional<os::shared_memory> memory_;
    std::optional<os::sparse_mapping> mapping_;
    std::size_t rows_ = 0; // not read from the page, nor is this:
    std::size_t names_ = 0;
    std::array<std::uint64_t, max_names> known_{};                // tasks that have been noted, by slot
    std::unique_ptr<std::array<std::uint64_t, max_names>> named_; // those that have a name, in their order
};

} // namespace procpool::status

#endif
