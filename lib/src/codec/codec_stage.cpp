// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/detail/codec/codec_stage.hpp>

#include <procpool/error.hpp>

#include <exception>
#include <string>

namespace procpool::detail {
namespace {

std::string describe(codec_stage stage) {
    switch (stage) {
    case codec_stage::decode_argument:
        return "an argument could not be decoded in the worker (the task has not run)";
    case codec_stage::encode_result:
        return "the task has run, but its result could not be encoded";
    case codec_stage::decode_result:
        return "the task has run, but its result could not be decoded";
    }
    return "something could not be encoded or decoded";
}

} // namespace

void rethrow_as_codec_error(codec_stage stage) {
    std::string why;
    try {
        throw;
    } catch (const std::exception& e) {
        why = e.what();
    } catch (...) {
        why = "the codec threw something that is no std::exception";
    }
    throw codec_error(describe(stage) + ": " + why);
}

} // namespace procpool::detail
