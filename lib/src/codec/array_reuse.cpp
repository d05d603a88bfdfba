// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "codec/array_reuse.hpp"

namespace procpool::channel {
namespace {

thread_local array_reuse* reuse_here = nullptr;

} // namespace

array_reuse::array_reuse() noexcept {
    reuse_here = this;
}

array_reuse::~array_reuse() {
    reuse_here = nullptr;
}

array_reuse* array_reuse::current() noexcept {
    return reuse_here;
}

} // namespace procpool::channel
