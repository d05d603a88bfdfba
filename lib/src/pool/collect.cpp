// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Who waits for results, and how. See supervisor.hpp, "Collecting".

#include "pool/supervisor.hpp"

#include "os/cpu_relax.hpp"

#include <procpool/detail/result_state.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace procpool::pooling {
namespace {

/// The pool that this thread collects for: a codec that waits for another result while the collector decodes
/// with it collects on, instead of waiting for itself.
thread_local const supervisor* collecting_for = nullptr;

class collecting_scope {
  public:
    explicit collecting_scope(const supervisor* who) noexcept : before_(std::exchange(collecting_for, who)) {}
    collecting_scope(const collecting_scope&) = delete;
    collecting_scope& operator=(const collecting_scope&) = delete;
    ~collecting_scope() { collecting_for = before_; }

  private:
    const supervisor* before_;
};

bool is_past(const detail::deadline& until) {
    return until && std::chrono::steady_clock::now() >= *until;
}

} // namespace

/// Is there something to drain? Nobody waits for what still comes once the pool is terminated.
bool supervisor::anything() const noexcept {
    return left_for_collector_.load(std::memory_order_relaxed) ||
           (!terminated_.load(std::memory_order_relaxed) && links_.peek());
}

/// For who collects: all that is there, and who has something to do again is given it.
void supervisor::collect_what_is_there(delivery& out) {
    take_outbox(out);
    drain(out);
}

void supervisor::take_outbox(delivery& out) {
    if (!left_for_collector_.load(std::memory_order_relaxed))
        return;
    left_for_collector_.store(false, std::memory_order_relaxed);
    out.take_outcomes(outbox_);
}

/// Sees to it that what this thread has drained is handed over after what was drained before: by whoever
/// collects, or by this thread, which collects meanwhile.
void supervisor::hand_over_in_order(lock& held, delivery& drained, delivery& out) {
    if (!drained.has_outcomes())
        return;
    if (collecting_) {
        outbox_.take_outcomes(drained);
        left_for_collector_.store(true, std::memory_order_relaxed);
        if (sleep_ == channel::sleep::as_collector)
            out.add_ring(collector_bell_);
        return;
    }
    const collecting_scope scope(this);
    begin_collecting();
    while (drained.has_outcomes()) {
        held.unlock();
        drained.hand_over();
        held.lock();
        take_outbox(drained);
    }
    stop_collecting(out);
}

/// Reads all that the workers have published, and gives them more.
void supervisor::drain(delivery& out) {
    for (std::size_t i = 0; i != links_.size(); ++i) {
        auto& link = links_[i];
        if (terminated_ || !link.peek())
            continue;
        if (link.watched_has_changed()) {
            scheduler_.may_be_taken_back(i);
            scheduler_.may_have_room(i);
        }
        note_progress(i, link.drain(out));
        if (link.damaged())
            kill(i);
    }
    act(out);
}

void supervisor::sleep_as(channel::sleep how) noexcept {
    sleep_ = how;
    looks_after_held_back_ = false;
    for (auto* link : links_) {
        if (how == channel::sleep::awake)
            link->parent_woke();
        else
            link->parent_sleeps(how);
    }
}

/// Is this thread the one that collects?
bool supervisor::collects_here() const noexcept {
    return collecting_for == this;
}

void supervisor::begin_collecting() noexcept {
    collecting_ = true;
    collector_gone_.store(false, std::memory_order_relaxed);
    if (sleep_ != channel::sleep::awake)
        sleep_as(channel::sleep::awake);
}

/// Leaves collecting to the io_context's thread.
void supervisor::stop_collecting(delivery& out) {
    collecting_ = false;
    retired_.clear();
    collector_gone_.store(true, std::memory_order_release);
    have_somebody_woken(out);
}

/// Results, or room for what no worker has been given yet.
bool supervisor::awaits_workers() const noexcept {
    return !scheduler_.idle() || initializing_ != 0;
}

/// If something is to come and nobody collects or will be woken for it: from now on the io_context's thread
/// is.
void supervisor::have_somebody_woken(delivery& out) {
    if (collecting_ || sleep_ != channel::sleep::awake || !awaits_workers())
        return;
    sleep_as(channel::sleep::on_doorbell);
    if (anything())
        out.add_ring(asio_bell_);
}

bool supervisor::wait(detail::result_base& result, detail::deadline until) {
    home().require_here();
    while (!result.ready()) {
        lock held(mutex_);
        if (!collecting_ || collects_here())
            return collect(held, result, until);
        held.unlock();
        // Another thread collects. The io_context's thread gives way; one that waits for its own result does
        // not, and will wake this thread or leave collecting to somebody who will.
        want_to_collect_.fetch_add(1, std::memory_order_relaxed);
        for (int turn = 0; turn != 200 && !result.ready() && !collector_gone_.load(std::memory_order_acquire);
             ++turn)
            os::cpu_relax();
        want_to_collect_.fetch_sub(1, std::memory_order_relaxed);
        if (collector_gone_.load(std::memory_order_acquire))
            continue;
        if (is_past(until))
            return result.ready();
        result.park(until);
    }
    return true;
}

/// Collects until `result` is ready or the deadline is there. Is it ready?
bool supervisor::collect(lock& held, detail::result_base& result, const detail::deadline& until) {
    const bool nested = collects_here();
    const collecting_scope scope(this);
    if (!nested)
        begin_collecting();
    const auto over = [&] {
        return result.ready() || is_past(until);
    };
    delivery out;
    for (;;) {
        const bool at_once = std::exchange(sleeps_at_once_, false);
        collect_what_is_there(out);
        held.unlock();
        out.hand_over();
        const bool caught =
            over() || (!at_once && collector_spin_.spin([&] { return result.ready() || anything(); }));
        held.lock();
        if (left_for_collector_.load(std::memory_order_relaxed))
            continue;
        if (over())
            break;
        if (caught)
            continue;
        // Nothing comes soon: what looked too short to be worth taking back is not.
        scheduler_.quiet();
        act(out);
        sleep_as(channel::sleep::as_collector);
        if (!anything() && result.collector_sleeps()) {
            held.unlock();
            out.hand_over();
            collector_bell_.wait_until(until);
            held.lock();
            result.collector_woke();
        }
        sleep_as(channel::sleep::awake);
    }
    if (!nested)
        stop_collecting(out);
    held.unlock();
    out.hand_over();
    return result.ready();
}

void supervisor::wake_collector() noexcept {
    collector_bell_.ring();
}

void supervisor::listen() {
    watch_.async_wait([this](boost::system::error_code error) {
        if (error)
            return;
        collect_on_asio();
        listen();
    });
}

/// The io_context's thread was rung for, or left with collecting.
void supervisor::collect_on_asio() {
    const collecting_scope scope(this);
    delivery out;
    lock held(mutex_);
    if (collecting_)
        return; // somebody else does, and leaves with the bell armed
    begin_collecting();
    for (;;) {
        collect_what_is_there(out);
        const bool more_to_come = awaits_workers();
        held.unlock();
        out.hand_over();
        const bool caught = more_to_come && asio_spin_.spin([&] {
            return want_to_collect_.load(std::memory_order_relaxed) != 0 || anything();
        });
        held.lock();
        if (left_for_collector_.load(std::memory_order_relaxed) ||
            (caught && want_to_collect_.load(std::memory_order_relaxed) == 0))
            continue;
        if (!caught && more_to_come) {
            scheduler_.quiet();
            act(out);
        }
        stop_collecting(out);
        return;
    }
}

} // namespace procpool::pooling
