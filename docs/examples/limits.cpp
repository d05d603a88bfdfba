// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <chrono>
#include <iostream>
#include <new>
#include <stop_token>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

//[ stop_token
int compute_until_told(int n) {
    const std::stop_token stop = procpool::this_task::stop_token();
    while (!stop.stop_requested()) // a time-out, cancel() and terminate() request it
        std::this_thread::sleep_for(1ms);
    return n;
}
//]

std::size_t hoard(std::size_t bytes) {
    return std::vector<char>(bytes, 'x').size();
}

int main() {
    procpool::init();
    //[ pool
    procpool::pool pool({
        .processes = 2,
        .max_tasks_per_worker = 1000,       // then a new process replaces the worker's
        .task_timeout = 10s,                // for tasks without a time-out of their own
        .terminate_grace = 100ms,           // between asking a task to stop and ending its worker
        .worker_memory_limit = 400'000'000, // bytes
    });
    //]

    //[ time_out
    try {
        pool.apply_async(procpool::call_options{.timeout = 50ms}, procpool::fn<compute_until_told>, 1).get();
    } catch (const procpool::task_timeout&) {
        std::cout << "took too long\n";
    }
    //]

    try {
        pool.apply(procpool::fn<hoard>, 1'000'000'000);
    } catch (const std::bad_alloc&) {
        std::cout << "wanted too much\n";
    }

    //[ cancel
    auto endless = pool.apply_async(procpool::fn<compute_until_told>, 1);
    std::cout << endless.cancel() << '\n';
    try {
        endless.get();
    } catch (const procpool::task_cancelled&) {
        std::cout << "cancelled\n";
    }
    //]

    // A wait may be limited too; it does nothing to the task.
    auto slow = pool.apply_async(procpool::fn<compute_until_told>, 1);
    std::cout << slow.wait(1ms) << '\n';
}

// Output:
// took too long
// wanted too much
// 1
// cancelled
// 0
