// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_CALL_HOOK_RUN_HPP
#define PROCPOOL_CALL_HOOK_RUN_HPP

#include <procpool/detail/call/job.hpp>
#include <procpool/detail/call/single_call.hpp>
#include <procpool/detail/pool_core.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace procpool::pooling {

/// A run of the initializer or the finalizer in one worker: not an item of the pool's work, since the worker is
/// not ready yet, or not any more.
class hook_run final : public detail::job {
  public:
    /// `done` is called once, with null on success or if it does not run, in any thread, without the pool's
    /// lock.
    hook_run(detail::pool_core& core, const detail::bound_call& what,
             std::function<void(const std::exception_ptr&)> done)
        : job(core)
        , name_(what.task_name)
        , done_(std::move(done)) {
        detail::use_bound_call(*this, what);
        is_hook = true;
        unsettled.store(1, std::memory_order_relaxed);
    }

  private:
    void succeeded(std::uint32_t, std::uint32_t, std::span<const std::byte>, long) noexcept override {}
    void failed(std::uint32_t, std::uint32_t, const std::exception_ptr& why) noexcept override { why_ = why; }
    void settled() noexcept override {
        done_(why_);
        delete this;
    }
    std::string task_name() const override { return name_; }

    std::string name_;
    std::function<void(const std::exception_ptr&)> done_;
    std::exception_ptr why_;
};

/// Reports what a finalizer threw, in a callback that is made in advance, since there may be no memory later.
struct finalizer_report {
    finalizer_report() {
        callback.emplace_back([what = why] { std::rethrow_exception(*what); });
    }

    std::shared_ptr<std::exception_ptr> why = std::make_shared<std::exception_ptr>();
    detail::callback_list callback;
};

} // namespace procpool::pooling

#endif
