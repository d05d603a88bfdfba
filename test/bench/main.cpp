// Distributed under the Boost Software License, Version 1.0. See LICENSE.

// Measures the lines that are linked into it (support/line.hpp), and prints a table.

#include "bench/support/bare_process.hpp"
#include "bench/support/line.hpp"

#include <procpool/init.hpp>

int main(int argc, char** argv) {
    procpool::init();
    if (const auto status = bench::play_bare_process(argc, argv))
        return *status;
    return bench::measure_lines(argc, argv);
}
