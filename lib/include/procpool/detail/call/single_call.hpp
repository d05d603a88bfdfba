// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_SINGLE_CALL_HPP
#define PROCPOOL_DETAIL_CALL_SINGLE_CALL_HPP

#include <procpool/detail/call/job.hpp>
#include <procpool/detail/call/job_encoding.hpp>
#include <procpool/detail/codec/heap_encoder.hpp>
#include <procpool/detail/result/result_state.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

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

/// A call of apply or apply_async.
template <class Task, class Sig>
class call final : public single_call<typename Sig::result> {
  public:
    explicit call(pool_core& core) noexcept : single_call<typename Sig::result>(core) {
        describe_items<Task, Sig>(*this);
    }

    template <class... Args>
    void encode(const Task& function, Args&&... args) {
        encode_prefix(*this, function);
        encode_item<Sig>(
            *this, [&](encoder& out) { encode_arguments<Sig>(out, function, std::forward<Args>(args)...); });
    }

  private:
    std::string task_name() const override { return std::string(detail::task_name<Task>()); }
};

/// The content of a bound_task, without its type: the payload of one item.
struct bound_call {
    bound_call(task_runner of, std::string task, std::size_t offset, const heap_encoder& encoded);

    task_runner run;
    std::string task_name;
    std::size_t items_offset;
    std::vector<std::byte> bytes;
    std::vector<std::shared_ptr<const void>> kept; // objects that must live until the bytes are read
};

/// Makes `to` a job of one item that runs `what`.
///
/// Errors: throws std::bad_alloc.
void use_bound_call(job& to, const bound_call& what);

/// A run of a bound task.
template <class R>
class bound_run final : public single_call<R> {
  public:
    bound_run(pool_core& core, const bound_call& what) : single_call<R>(core), name_(what.task_name) {
        use_bound_call(*this, what);
    }

  private:
    std::string task_name() const override { return name_; }

    std::string name_;
};

} // namespace procpool::detail

#endif
