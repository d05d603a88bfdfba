// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_BOUND_CALL_HPP
#define PROCPOOL_DETAIL_BOUND_CALL_HPP

#include <procpool/detail/heap_encoder.hpp>
#include <procpool/detail/item_codec.hpp>
#include <procpool/detail/job.hpp>
#include <procpool/detail/result_state.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace procpool::detail {

/// What a bound_task holds, without its type: a payload of one item.
struct bound_call {
    bound_call(std::uint32_t index, std::string task, std::size_t offset, const heap_encoder& encoded)
        : task_index(index)
        , task_name(std::move(task))
        , items_offset(offset)
        , bytes(encoded.bytes().begin(), encoded.bytes().end())
        , kept(encoded.kept()) {}

    std::uint32_t task_index;
    std::string task_name;
    std::size_t items_offset;
    std::vector<std::byte> bytes;
    std::vector<std::shared_ptr<const void>> kept; // what must live for them to be read
};

/// Makes `to` a job of one item that runs `what`.
/// Errors: throws std::bad_alloc.
void use_bound_call(job& to, const bound_call& what);

/// A run of a bound task: job and result in one.
template <class R>
class bound_run final : public result_state<R>, public job {
  public:
    bound_run(pool_core& core, const bound_call& what)
        : result_state<R>(core)
        , job(core)
        , name_(what.task_name) {
        use_bound_call(*this, what);
        owner = this;
    }

    /// Errors: those of pool_core::submit.
    void submit_to(pool_core& core) { submit_counted(core, *this, *this, false); }

    /// It failed before it was submitted.
    void refuse(std::exception_ptr why) noexcept {
        this->set_error(std::move(why));
        this->finish();
    }

  private:
    void succeeded(std::uint32_t, std::uint32_t, std::span<const std::byte> values,
                   long pid) noexcept override {
        // A bound_task<void> may have been made from one with a result, which nobody looks at.
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
    std::string task_name() const override { return name_; }

    std::string name_;
};

} // namespace procpool::detail

#endif
