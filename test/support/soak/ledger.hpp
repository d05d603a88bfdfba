// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_SOAK_LEDGER_HPP
#define PROCPOOL_TEST_SOAK_LEDGER_HPP

#include <procpool/error.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <mutex>
#include <new>
#include <ostream>
#include <stdexcept>
#include <string>

// The counters of a soak, used by all its threads.
namespace procpool::test::soak {

/// How a call may end. `own`: with an exception of the task, or of its codec in the caller.
enum class ending : unsigned {
    value,
    own,
    codec,
    lost,
    timed_out,
    cancelled,
    terminated,
    closed,
    not_started
};
inline constexpr std::array ending_names{"values",       "own exceptions", "codec errors",
                                         "workers lost", "time-outs",      "cancelled",
                                         "terminated",   "refused",        "not started"};

/// A set of them.
using endings = unsigned;
constexpr endings only(ending which) {
    return 1U << static_cast<unsigned>(which);
}
constexpr endings operator|(ending a, ending b) {
    return only(a) | only(b);
}
constexpr endings operator|(endings a, ending b) {
    return a | only(b);
}

class ledger {
  public:
    /// Called for every event, to show that the soak does not hang.
    void beat() noexcept { beats_.fetch_add(1, std::memory_order_relaxed); }
    std::uint64_t beats() const noexcept { return beats_.load(std::memory_order_relaxed); }

    void ended(ending how) noexcept {
        beat();
        ++endings_[static_cast<std::size_t>(how)];
    }
    void trouble(const std::string& what) {
        const std::lock_guard held(mutex_);
        if (++troubles_ <= 20)
            std::cerr << "trouble: " << what << std::endl;
    }
    std::uint64_t troubles() const {
        const std::lock_guard held(mutex_);
        return troubles_;
    }

    std::atomic<std::uint64_t> rounds = 0, pools = 0, calls = 0, items = 0, bytes = 0, callbacks = 0,
                               kills = 0, stops = 0, resizes = 0, stacks = 0, lines = 0;

    void print(std::ostream& out) const {
        out << rounds << " rounds, " << pools << " pools, " << calls << " calls of " << items << " tasks, "
            << bytes / 1'000'000 << " MB of arguments, " << callbacks << " callbacks, " << kills << " kills, "
            << stops << " stops, " << resizes << " resizes, " << stacks << " stacks, " << lines << " lines;";
        for (std::size_t i = 0; i != endings_.size(); ++i)
            out << ' ' << endings_[i] << ' ' << ending_names[i] << (i + 1 == endings_.size() ? "; " : ",");
        out << troubles() << " troubles" << std::endl;
    }

  private:
    std::atomic<std::uint64_t> beats_ = 0;
    std::array<std::atomic<std::uint64_t>, ending_names.size()> endings_{};
    mutable std::mutex mutex_;
    std::uint64_t troubles_ = 0;
};

/// Calls `look`, which reads a result and returns a text if the result is wrong. Counts how the call ended;
/// an ending that is not in `allowed` is reported as trouble.
template <class Look>
void settle(ledger& account, const std::string& what, endings allowed, Look look) {
    ending how = ending::value;
    std::string wrong;
    try {
        wrong = look();
    } catch (const worker_lost& e) {
        how = ending::lost;
        wrong = allowed & only(how) ? "" : e.what();
    } catch (const task_timeout&) {
        how = ending::timed_out;
    } catch (const task_cancelled&) {
        how = ending::cancelled;
    } catch (const pool_terminated&) {
        how = ending::terminated;
    } catch (const pool_closed&) {
        how = ending::closed;
    } catch (const start_failed& e) {
        how = ending::not_started;
        wrong = allowed & only(how) ? "" : e.what();
    } catch (const codec_error& e) {
        how = ending::codec;
        wrong = allowed & only(how) ? "" : e.what();
    } catch (const std::domain_error& e) {
        how = ending::own;
        wrong = allowed & only(how) ? "" : e.what();
    } catch (const std::bad_alloc& e) {
        how = ending::own;
        wrong = allowed & only(how) ? "" : e.what();
    } catch (const std::exception& e) {
        wrong = e.what(); // also wait_timeout: no outcome came
    }
    account.ended(how);
    if (wrong.empty() && !(allowed & only(how)))
        wrong = std::string("it is among the ") + ending_names[static_cast<std::size_t>(how)];
    if (!wrong.empty())
        account.trouble(what + ": " + wrong);
}

} // namespace procpool::test::soak

#endif
