// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/call/job_encoding.hpp>

#include <procpool/detail/result/remote_exception.hpp>
#include <procpool/error.hpp>

#include <utility>

namespace procpool::detail {

std::exception_ptr result_not_decoded(const job& of, std::uint32_t item, long worker_pid) noexcept {
    try {
        try {
            rethrow_as_codec_error(codec_stage::decode_result);
        } catch (const codec_error& why) {
            remote_info info;
            info.worker_pid = worker_pid;
            info.task_name = of.task_name();
            info.item_index = of.range_index(item);
            return make_remote(codec_error(why), std::move(info));
        }
    } catch (...) {
        return std::current_exception();
    }
}

} // namespace procpool::detail
