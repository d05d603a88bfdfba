// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// How a pool's processes come and go. All of it runs on the io_context's thread.

#include "pool/supervisor.hpp"

#include "error/failure_texts.hpp"
#include "os/self.hpp"

#include <procpool/detail/remote_exception.hpp>
#include <procpool/error.hpp>

#include <utility>

namespace procpool::pooling {
namespace {

std::exception_ptr worker_lost_during(const detail::job& job, std::uint32_t item, long pid,
                                      const os::exit_report& how) {
    const auto name = job.task_name();
    remote_info info;
    info.worker_pid = pid;
    info.task_name = name;
    if (job.index_base)
        info.item_index = *job.index_base + item;
    auto text = detail::worker_lost_text(
        info.item_index ? name + " (item " + std::to_string(*info.item_index) + ")" : name, pid,
        how.exit_status, how.signal_number);
    return detail::make_remote(worker_lost(text, pid, how.exit_status, how.signal_number, name),
                               std::move(info));
}

} // namespace

void supervisor::start_worker(std::size_t worker) {
    {
        const lock held(mutex_);
        if (terminated_) {
            scheduler_.died(worker, {}, false);
            started_or_ended_.notify_all();
            return;
        }
    }
    const serving::start_message message{worker, channel::most_spin_turns(links_.size(), os::usable_cpus())};
    try {
        processes_[worker] = worker_process::start(
            io_, message, {arguments_, links_[worker]->bell(), asio_bell_, collector_bell_},
            options_.start_timeout,
            {[this, worker] { worker_ready(worker); },
             [this, worker](const os::exit_report& how, const std::string& complaint) {
                 worker_ended(worker, how, complaint);
             }});
    } catch (const std::exception& why) {
        worker_not_started(worker, std::string("no process could be started: ") + why.what());
    }
}

void supervisor::worker_ready(std::size_t worker) {
    delivery out;
    const lock held(mutex_);
    if (terminated_)
        return; // it is being killed
    auto& link = *links_[worker];
    link.connect(processes_[worker]->memory(), processes_[worker]->pid());
    link.parent_sleeps(sleep_);
    scheduler_.started(worker);
    act(out);
    started_or_ended_.notify_all();
}

void supervisor::worker_not_started(std::size_t worker, const std::string& why) {
    delivery out;
    const lock held(mutex_);
    start_failure_ = detail::start_failed_text(worker, why);
    scheduler_.died(worker, {}, false);
    if (started_)
        act(out);
    started_or_ended_.notify_all();
}

void supervisor::worker_ended(std::size_t worker, const os::exit_report& how, const std::string& complaint) {
    const auto process = std::exchange(processes_[worker], nullptr);
    if (!complaint.empty()) {
        worker_not_started(worker,
                           "process " + std::to_string(process->pid()) + " " + how.text + ": " + complaint);
        return;
    }
    delivery out;
    const lock held(mutex_);
    auto& link = *links_[worker];
    const auto pid = process->pid();
    const auto left = link.bury(out);
    note_progress(worker, left.done);
    if (left.lost) {
        auto& job = job_of(left.lost->call);
        for (std::uint32_t i = 0; i != left.lost->items; ++i)
            out.add_failure(job, left.lost->first + i, 1,
                            worker_lost_during(job, left.lost->first + i, pid, how));
    }
    if (auto memory = link.disconnect(); collecting_)
        retired_.push_back(std::move(memory)); // whoever collects may be looking at it
    start_failure_ =
        detail::start_failed_text(worker, "process " + std::to_string(pid) + ", like others before it, " +
                                              how.text + " without running a task");
    scheduler_.died(worker, left.unbegun, left.lost.has_value());
    act(out);
    started_or_ended_.notify_all();
}

void supervisor::kill_all() noexcept {
    for (const auto& process : processes_)
        if (process)
            process->kill();
}

} // namespace procpool::pooling
