// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_CODEC_STAGE_HPP
#define PROCPOOL_DETAIL_CODEC_CODEC_STAGE_HPP

namespace procpool::detail {

/// The stage of a task at which a codec, possibly the user's, encodes or decodes.
enum class codec_stage { decode_argument, encode_result, decode_result };

/// Called in a catch block: throws a codec_error that names the stage and the cause.
[[noreturn]] void rethrow_as_codec_error(codec_stage stage);

/// Calls `f`, and turns any exception into a codec_error, so that it cannot be taken for the task's own
/// exception.
template <class F>
decltype(auto) in_codec_stage(codec_stage stage, F&& f) {
    try {
        return f();
    } catch (...) {
        rethrow_as_codec_error(stage);
    }
}

} // namespace procpool::detail

#endif
