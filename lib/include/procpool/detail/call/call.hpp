// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_CALL_HPP
#define PROCPOOL_DETAIL_CALL_CALL_HPP

#include <procpool/detail/call/item_codec.hpp>
#include <procpool/detail/call/single_call.hpp>

#include <string>
#include <utility>

namespace procpool::detail {

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

} // namespace procpool::detail

#endif
