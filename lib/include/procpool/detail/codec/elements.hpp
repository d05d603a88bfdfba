// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_CODEC_ELEMENTS_HPP
#define PROCPOOL_DETAIL_CODEC_ELEMENTS_HPP

#include <procpool/decoder.hpp>
#include <procpool/detail/codec/codec_failures.hpp>
#include <procpool/detail/codec/plain.hpp>
#include <procpool/detail/codec/why_not_encodable.hpp>
#include <procpool/encoder.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>

namespace procpool::detail {

#if defined(_WIN32)
// Stacks are of 1 MiB there. A level takes up to 1.3 KiB with g++ -O0, and more with the checks of MSVC.
inline constexpr unsigned max_nesting = 200;
#else
inline constexpr unsigned max_nesting = 1000;
#endif

/// Held while the content of a pointer or a container is encoded or decoded. Every recursion passes through
/// such an object. So a cycle of shared_ptr, or bytes that describe a list of a million nodes, cause a
/// codec_error and no stack overflow.
class nesting {
  public:
    static constexpr unsigned limit = max_nesting;

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

inline void write_count(encoder& out, std::size_t count) {
    const auto wide = static_cast<std::uint64_t>(count);
    out.write_bytes(&wide, sizeof(wide));
}

/// Reads the number of elements that follow. It is limited by the number of bytes: an element takes at least
/// one.
template <class Element>
std::size_t read_count(decoder& in) {
    std::uint64_t count;
    in.read_bytes(&count, sizeof(count));
    if (count > in.remaining() / std::max<std::size_t>(1, min_encoded_size<Element>))
        fail_count(count, in.remaining());
    return static_cast<std::size_t>(count);
}

template <class Container>
std::size_t count_elements(const Container& value) {
    if constexpr (requires { value.size(); })
        return value.size();
    else
        return static_cast<std::size_t>(std::distance(value.begin(), value.end()));
}

struct shallow {
    template <class Coder>
    explicit shallow(Coder&) {}
};

/// Encloses the elements of a container: writes their count before them, and padding after elements that take
/// no bytes, so that a count is never larger than the number of bytes that follow.
template <class Element>
class element_scope {
  public:
    element_scope(encoder& out, std::size_t count) : depth_(out), count_(count) {
        write_count(out, count);
        begin_ = out.size();
        if constexpr (is_fixed_size<Element>)
            out.reserve(count * min_encoded_size<Element>);
    }
    explicit element_scope(decoder& in)
        : depth_(in)
        , count_(read_count<Element>(in))
        , begin_(in.remaining()) {}

    std::size_t count() const noexcept { return count_; }

    void close([[maybe_unused]] encoder& out) const {
        if constexpr (min_encoded_size<Element> == 0)
            for (std::size_t used = out.size() - begin_; used < count_; ++used)
                out.write_bytes("", 1);
    }
    void close([[maybe_unused]] decoder& in) const {
        if constexpr (min_encoded_size<Element> == 0)
            if (const std::size_t used = begin_ - in.remaining(); used < count_)
                in.view_bytes(count_ - used);
    }

  private:
    // Elements of a fixed size own nothing, so that no recursion passes through them.
    [[no_unique_address]] std::conditional_t<is_fixed_size<Element>, shallow, nesting> depth_;
    std::size_t count_;
    std::size_t begin_;
};

} // namespace procpool::detail

#endif
