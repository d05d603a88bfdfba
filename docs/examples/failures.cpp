// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <boost/describe/class.hpp>

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

//[ own_exception
struct bad_value : std::runtime_error { // an exception of your own
    explicit bad_value(const std::string& text, int n = 0) : std::runtime_error(text), value(n) {}
    int value;
};
BOOST_DESCRIBE_STRUCT(bad_value, (std::runtime_error),
                      (value)) // the text of a standard base is sent anyway
//]

int lookup(int n) {
    throw bad_value("there is nothing", n);
}

int main() {
    //[ register
    procpool::register_exception<bad_value>(); // in every process, so before init()
    //]
    procpool::init();
    procpool::pool pool(2);

    //[ exception
    // A standard exception of a task keeps its type, and carries its origin.
    try {
        pool.map(procpool::fn<reciprocal>, std::vector<int>{2, 1, 0, -1});
    } catch (const std::domain_error& e) {
        const procpool::remote_info* from = procpool::get_remote_info(e);
        std::cout << e.what() << ", item " << from->item_index.value() << " of " << from->task_name << '\n';
    }
    //]

    //[ crash
    // A crash fails one call. The other calls succeed, and a new process replaces the worker.
    std::vector<procpool::async_result<int>> results;
    for (int n = 0; n != 4; ++n)
        results.push_back(pool.apply_async(procpool::fn<crash>, n));
    for (const auto& result : results)
        try {
            std::cout << result.get() << ' ';
        } catch (const procpool::worker_lost& e) {
            std::cout << "lost " << e.task_name() << ' '; // e.what() says by which signal
        }
    std::cout << '\n';
    //]

    try {
        pool.apply(procpool::fn<lookup>, 7);
    } catch (const bad_value& e) {
        std::cout << e.what() << " at " << e.value << '\n';
    }
}

// Output:
// no reciprocal of 0, item 2 of reciprocal
// 0 1 lost crash 3
// there is nothing at 7
