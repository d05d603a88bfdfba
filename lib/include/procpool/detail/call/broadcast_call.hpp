// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CALL_BROADCAST_CALL_HPP
#define PROCPOOL_DETAIL_CALL_BROADCAST_CALL_HPP

#include <procpool/detail/call/item_codec.hpp>
#include <procpool/detail/call/map_call.hpp>
#include <procpool/detail/pool_core.hpp>
#include <procpool/options.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

namespace procpool::detail {

/// Submits one call for every worker: a map with one item for each worker; the items share their arguments.
///
/// Errors: those of `submit`. If encoding an argument throws, every item fails with that exception.
template <class Sig, class Task, class... Args>
result_ptr<map_result_t<typename Sig::result>> start_broadcast(pool_core& core, const call_options& options,
                                                               const Task& function, Args&&... args) {
    using chunk = map_chunk<Task, Sig>;
    core.require_open();
    const auto workers = core.size();
    const boost::intrusive_ptr<typename chunk::whole> whole(new typename chunk::whole(core));
    auto call = std::make_unique<chunk>(core, *whole, function, 0);
    call->limit(options.timeout, options.retries);
    call->items = static_cast<std::uint32_t>(workers);
    call->is_broadcast = true;
    try {
        encode_item<Sig>(
            *call, [&](encoder& out) { encode_arguments<Sig>(out, function, std::forward<Args>(args)...); });
    } catch (...) {
        whole->expect(0, 0);
        whole->fail(0, std::current_exception());
        whole->complete();
        return whole;
    }
    whole->expect(workers, 1);
    submit_one(core, *call, false);
    static_cast<void>(call.release()); // submit did not throw, so the pool owns it
    return whole;
}

} // namespace procpool::detail

#endif
