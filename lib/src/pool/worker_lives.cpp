// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// How a pool's processes come and go. All of it runs on the io_context's thread.

#include "pool/supervisor.hpp"

#include "error/failure_texts.hpp"
#include "os/self.hpp"
#include "pool/item_failures.hpp"

#include <utility>

namespace procpool::pooling {
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
    if (terminated_) {
        processes_[worker]->kill();
        return;
    }
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
    auto unbegun = left.unbegun;
    if (left.lost)
        settle_lost(*left.lost, left.timed_out, pid, how, unbegun, out);
    if (auto memory = link.disconnect(); collecting_)
        retired_.push_back(std::move(memory)); // whoever collects may be looking at it
    start_failure_ =
        detail::start_failed_text(worker, "process " + std::to_string(pid) + ", like others before it, " +
                                              how.text + " without running a task");
    scheduler_.died(worker, unbegun, left.lost.has_value());
    act(out);
    started_or_ended_.notify_all();
}

/// What its worker had begun when it ended: it has failed, unless it may be tried again.
void supervisor::settle_lost(const scheduling::work& lost, bool timed_out, long pid,
                             const os::exit_report& how, std::vector<scheduling::work>& again,
                             delivery& out) {
    auto& job = job_of(lost.call);
    for (auto item = lost.first; item != lost.first + lost.items; ++item) {
        if (job.cancelled)
            out.add_failure(job, item, 1, item_cancelled(job, item, pid));
        else if (may_retry(job, item))
            again.insert(again.begin(), {lost.call, item, 1});
        else
            out.add_failure(job, item, 1,
                            timed_out ? item_timed_out(job, item, pid) : item_lost(job, item, pid, how));
    }
}

/// Everything is abandoned: asks the workers to end, and kills those that have not after the grace.
void supervisor::end_workers() {
    for (const auto& process : processes_)
        if (process)
            process->request({serving::parent_request::kind::end, 0, 0});
    end_timer_.expires_after(options_.terminate_grace);
    end_timer_.async_wait([this](boost::system::error_code error) {
        if (!error)
            kill_all();
    });
}

void supervisor::kill_all() noexcept {
    for (const auto& process : processes_)
        if (process)
            process->kill();
}

} // namespace procpool::pooling
