// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <csignal>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

double reciprocal(int n) {
    if (n == 0)
        throw std::domain_error("no reciprocal of 0");
    return 1.0 / n;
}

int crash(int n) {
    if (n == 2)
        std::raise(SIGSEGV);
    return n;
}

struct out_of_range_at { // an exception of your own
    int place;
};

int lookup(int n) {
    throw out_of_range_at{n};
}

int main() {
    //[ register
    procpool::register_exception<out_of_range_at>(); // in every process, so before init()
    //]
    procpool::init();
    procpool::pool pool(2);

    //[ exception
    // What a task throws comes back as what it was, and says where it comes from.
    try {
        pool.map(procpool::fn<reciprocal>, std::vector<int>{2, 1, 0, -1});
    } catch (const std::domain_error& e) {
        const procpool::remote_info* from = procpool::get_remote_info(e);
        std::cout << e.what() << ", item " << from->item_index.value() << " of " << from->task_name << '\n';
    }
    //]

    //[ crash
    // A task that crashes costs that one task. The others are done, the worker is replaced.
    std::vector<procpool::async_result<int>> results;
    for (int n = 0; n != 4; ++n)
        results.push_back(pool.apply_async(procpool::fn<crash>, n));
    for (const auto& result : results)
        try {
            std::cout << result.get() << ' ';
        } catch (const procpool::worker_lost& e) {
            std::cout << "lost " << e.task_name() << ' '; // e.what() says how: by which signal, say
        }
    std::cout << '\n';
    //]

    try {
        pool.apply(procpool::fn<lookup>, 7);
    } catch (const out_of_range_at& e) {
        std::cout << "out of range at " << e.place << '\n';
    }
}

// Output:
// no reciprocal of 0, item 2 of reciprocal
// 0 1 lost crash 3
// out of range at 7
