// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_POOL_INITIALIZER_RUN_HPP
#define PROCPOOL_POOL_INITIALIZER_RUN_HPP

#include <procpool/detail/call/bound_call.hpp>
#include <procpool/detail/call/job.hpp>

#include <exception>
#include <functional>
#include <string>
#include <utility>

namespace procpool::pooling {

/// A run of the initializer in one new worker: a job that the scheduler does not know, since the worker is
/// not ready before the initializer has ended.
class initializer_run final : public detail::job {
  public:
    /// `done` is called once, with null on success, in any thread, without the pool's lock.
    initializer_run(detail::pool_core& core, const detail::bound_call& what,
                    std::function<void(const std::exception_ptr&)> done)
        : job(core)
        , name_(what.task_name)
        , done_(std::move(done)) {
        detail::use_bound_call(*this, what);
        prepares_worker = true;
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

} // namespace procpool::pooling

#endif
