// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <cstdio>
#include <iostream>

int square(int n) {
    std::printf("square of %d\n", n);
    return n * n;
}

int main() {
    procpool::init();

    //[ on_output
    // Called for each line that a worker prints.
    const auto show = [](const procpool::worker_output& line) {
        std::cout << line.task_name << " in worker " << line.worker << ": " << line.text << '\n';
    };
    procpool::pool pool({.processes = 1, .on_output = show});
    pool.apply(procpool::fn<square>, 4);
    //]
    pool.close();
    pool.join();
}

// Output:
// square in worker 0: square of 4
