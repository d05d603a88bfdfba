// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_NESTING_HPP
#define PROCPOOL_DETAIL_CODEC_NESTING_HPP

#include <procpool/decoder.hpp>
#include <procpool/encoder.hpp>

namespace procpool::detail {

/// Held while the content of a pointer or a container is encoded or decoded. Every recursion passes through
/// such an object. So a cycle of shared_ptr, or bytes that describe a list of a million nodes, cause a
/// codec_error and no stack overflow.
class nesting {
  public:
    static constexpr unsigned limit = 1000;

    explicit nesting(encoder& out) : nesting(out.depth_) {}
    explicit nesting(decoder& in) : nesting(in.depth_) {}
    nesting(const nesting&) = delete;
    nesting& operator=(const nesting&) = delete;
    ~nesting() { --depth_; }

  private:
    explicit nesting(unsigned& depth) : depth_(depth) {
        if (depth_ == limit)
            fail_nesting(limit);
        ++depth_;
    }

    unsigned& depth_;
};

} // namespace procpool::detail

#endif
