// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_LINE_HPP
#define PROCPOOL_BENCH_LINE_HPP

#include "bench/support/row.hpp"
#include "common/check.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

// A line of the table of aims (docs/performance.md). Each line has its own source file, which registers its
// measurement; a program measures the lines that are linked into it.
namespace bench {

using apps::require_equal;

struct settings {
    unsigned rounds = 5;
    bool quick = false; // a short run that only checks the results

    template <class T>
    T pick(T usual, T when_quick) const {
        return quick ? when_quick : usual;
    }
};

struct line {
    std::size_t number = 0;
    std::string_view name;
    std::string_view work;
    /// Errors:     throws std::runtime_error for a wrong result.
    std::vector<row> (*measure)(const settings&) = nullptr;
};

struct registered_line {
    explicit registered_line(const line& what);
};

/// Measures the lines that the command line names, and writes what it asks for. To be returned from main().
int measure_lines(int argc, const char* const* argv);

} // namespace bench

#endif
