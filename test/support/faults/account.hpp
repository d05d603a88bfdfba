// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_FAULTS_ACCOUNT_HPP
#define PROCPOOL_TEST_FAULTS_ACCOUNT_HPP

#include "support/eventually.hpp"
#include "support/faults/record.hpp"
#include "support/scripted_child.hpp"

#include <procpool/procpool.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// The outcomes of everything that was submitted to a pool in which a fault happens.
namespace procpool::test::faults {

class account {
  public:
    /// Expects one outcome of a result: a value for which `is_right` returns true, or one of the errors that
    /// are counted here.
    template <class R, class Check>
    void expect(std::string name, async_result<R> result, Check is_right) {
        auto& told = callbacks_.emplace_back(new std::atomic<int>(0));
        if constexpr (std::is_void_v<R>)
            result.on_success([&told = *told] { ++told; });
        else
            result.on_success([&told = *told](const R&) { ++told; });
        result.on_error([&told = *told](std::exception_ptr) { ++told; });
        pending_.push_back([this, name = std::move(name), result, is_right] {
            settle(name, [&] { return is_right(result); });
        });
    }

    /// Calls `get`, which returns whether the received value is right.
    template <class Get>
    void settle(const std::string& name, Get get) {
        try {
            if (!get())
                report_failure(name + " has a wrong outcome");
        } catch (const worker_lost&) {
            ++lost_;
        } catch (const task_timeout&) {
            ++late_;
        } catch (const pool_terminated&) {
            ++abandoned_;
        } catch (const task_cancelled&) {
            ++cancelled_;
        } catch (const std::exception& other) {
            report_failure(name + ": " + other.what());
        }
    }

    /// Waits for all expected outcomes.
    void settle_all() {
        for (const auto& each : pending_)
            each();
        pending_.clear();
    }

    /// Called after the pool has been joined.
    void check() {
        for (const auto& told : callbacks_)
            if (*told != 1)
                report_failure("callbacks were called " + std::to_string(*told) + " times for one call");
        for (std::size_t i = 0; i != record::max_tasks; ++i)
            if (own_record()->runs[i] > 1)
                report_failure("task " + std::to_string(i) + " ran more than once");
        say("lost " + std::to_string(lost_) + ", late " + std::to_string(late_) + ", abandoned " +
            (abandoned_ != 0 ? "some" : "0") + ", cancelled " + (cancelled_ != 0 ? "some" : "0") + '\n');
    }

    void report_failure(const std::string& what) { say("! " + what + '\n'); }

  private:
    std::vector<std::function<void()>> pending_;
    std::vector<std::unique_ptr<std::atomic<int>>> callbacks_;
    int lost_ = 0;
    int late_ = 0;
    int abandoned_ = 0;
    int cancelled_ = 0;
};

} // namespace procpool::test::faults

#endif
