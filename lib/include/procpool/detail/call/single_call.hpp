// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_SINGLE_CALL_HPP
#define PROCPOOL_DETAIL_CALL_SINGLE_CALL_HPP

#include <procpool/detail/call/item_codec.hpp>
#include <procpool/detail/call/job.hpp>
#include <procpool/detail/result/result_state.hpp>

#include <cstdint>
#include <exception>
#include <span>
#include <utility>

namespace procpool::detail {

/// A call of one item: job and result in one object.
template <class R>
class single_call : public result_state<R>, public job {
  public:
    /// Errors: those of pool_core::submit.
    void submit_to(pool_core& core, bool caller_waits) { submit_counted(core, *this, *this, caller_waits); }

    /// Sets the error of a call that failed before it was submitted.
    void refuse(std::exception_ptr why) noexcept {
        this->set_error(std::move(why));
        arguments.clear();
        this->finish();
    }

  protected:
    explicit single_call(pool_core& core) noexcept : result_state<R>(core), job(core) { owner = this; }
    ~single_call() override = default;

  private:
    void succeeded(std::uint32_t, std::uint32_t, std::span<const std::byte> values,
                   long pid) noexcept override {
        // A bound_task<void> may have been made from a task with a result, which is ignored.
        decode_items<R>(
            values, 1,
            [&](std::uint32_t, auto&&... value) {
                this->value_.emplace(std::forward<decltype(value)>(value)...);
            },
            [&](std::uint32_t item) { this->set_error(result_not_decoded(*this, item, pid)); });
    }
    void failed(std::uint32_t, std::uint32_t, const std::exception_ptr& why) noexcept override {
        this->set_error(why);
    }
    void settled() noexcept override {
        arguments.clear();
        this->finish();
        intrusive_ptr_release(static_cast<result_base*>(this));
    }
};

} // namespace procpool::detail

#endif
