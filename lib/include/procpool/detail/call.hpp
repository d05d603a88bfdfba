// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_HPP
#define PROCPOOL_DETAIL_CALL_HPP

#include <procpool/detail/item_codec.hpp>
#include <procpool/detail/job.hpp>
#include <procpool/detail/result_state.hpp>
#include <procpool/detail/task_registry.hpp>

#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <utility>

namespace procpool::detail {

/// A single call: job and result in one.
template <class Task, class Sig>
class call final : public result_state<typename Sig::result>, public job {
  public:
    using result = typename Sig::result;

    explicit call(pool_core& core) noexcept : result_state<result>(core), job(core) {
        describe_items<Task, Sig>(*this);
        owner = this;
    }

    template <class... Args>
    void encode(const Task& function, Args&&... args) {
        encode_prefix(*this, function);
        encode_item<Sig>(
            *this, [&](encoder& out) { encode_arguments<Sig>(out, function, std::forward<Args>(args)...); });
    }

    /// Errors: those of pool_core::submit.
    void submit_to(pool_core& core, bool caller_waits) { submit_counted(core, *this, *this, caller_waits); }

    /// The call failed before it was submitted.
    void refuse(std::exception_ptr why) noexcept {
        this->set_error(std::move(why));
        arguments.clear();
        this->finish();
    }

  private:
    void succeeded(std::uint32_t, std::uint32_t, std::span<const std::byte> values,
                   long pid) noexcept override {
        decode_items<result>(
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
    std::string task_name() const override { return std::string(detail::task_name<Task>()); }
};

} // namespace procpool::detail

#endif
