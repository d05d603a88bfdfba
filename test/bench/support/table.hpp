// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_BENCH_TABLE_HPP
#define PROCPOOL_BENCH_TABLE_HPP

#include "bench/support/machine.hpp"
#include "bench/support/row.hpp"

#include <iosfwd>
#include <string>
#include <vector>

// The results, for people and for programs.
namespace bench {

struct report {
    machine where{};
    unsigned rounds = 0;
    double load_before = 0;
    double load_after = 0;
    std::vector<row> rows{};
};

/// A quantity with its unit and three digits: "4.97 M/s", "463 ns", "16 MiB".
std::string readable(double value, unit of);

void print_markdown(std::ostream& out, const report& measured);
void print_json(std::ostream& out, const report& measured);

} // namespace bench

#endif
