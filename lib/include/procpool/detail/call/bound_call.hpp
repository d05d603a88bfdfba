// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_BOUND_CALL_HPP
#define PROCPOOL_DETAIL_CALL_BOUND_CALL_HPP

#include <procpool/detail/call/job.hpp>
#include <procpool/detail/call/single_call.hpp>
#include <procpool/detail/codec/heap_encoder.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace procpool::detail {

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
