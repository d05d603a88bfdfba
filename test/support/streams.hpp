// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_STREAMS_HPP
#define PROCPOOL_TEST_STREAMS_HPP

#include "support/temporary_folder.hpp"

#include <procpool/result_stream.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// Tasks and values for tests of streams.
namespace procpool::test {

using ints = std::vector<int>;

inline int square(int n) {
    return n * n;
}

/// Waits for a file of this name, unless the name is empty.
inline std::string wait_for(std::string path) {
    if (!path.empty() && !wait_for_file(path))
        throw std::runtime_error("the file never came");
    return path;
}

/// The numbers from 0.
inline ints numbers(int count) {
    ints out(static_cast<std::size_t>(count));
    std::iota(out.begin(), out.end(), 0);
    return out;
}

inline ints squares(int count) {
    auto out = numbers(count);
    for (int& each : out)
        each *= each;
    return out;
}

inline ints sorted(ints values) {
    std::sort(values.begin(), values.end());
    return values;
}

template <class R>
std::vector<R> rest_of(result_stream<R>& stream) {
    std::vector<R> out;
    while (auto each = stream.next())
        out.push_back(std::move(*each));
    return out;
}

template <class R>
std::vector<R> all_of(result_stream<R> stream) {
    return rest_of(stream);
}

inline void create(const std::string& path) {
    append_line(path, "");
}

} // namespace procpool::test

#endif
