// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace {
std::string model; // each process has its own
}

void load(const std::string& name) {
    model = "model " + name;
}

void unload() {
    std::cout << model + " is not used any more\n" << std::flush;
}

std::string describe(int n) {
    return model + " of " + std::to_string(n);
}

std::string variable(const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value != nullptr ? value : "";
}

int main() {
    procpool::init();

    //[ initializer
    // Runs once in every worker before its first task, also in every replacement.
    procpool::pool pool({.processes = 2, .initializer = procpool::bind(procpool::fn<load>, "A")});
    std::cout << pool.apply(procpool::fn<describe>, 1) << '\n';

    // Runs once in every current worker.
    pool.broadcast(procpool::fn<load>, "B");
    std::cout << pool.apply(procpool::fn<describe>, 2) << '\n';
    //]

    //[ worker
    // Runs in the worker of index 1, which keeps what it has loaded.
    pool.apply(procpool::call_options{.worker = 1}, procpool::fn<load>, "C");
    std::cout << pool.apply(procpool::call_options{.worker = 0}, procpool::fn<describe>, 3) << ", "
              << pool.apply(procpool::call_options{.worker = 1}, procpool::fn<describe>, 4) << '\n';
    //]

    //[ resize
    // The number of workers can change at any time.
    pool.resize(3);
    std::vector<std::size_t> indices = pool.broadcast([] { return procpool::this_worker::index(); });
    //]
    std::cout << pool.size() << ' ' << indices.back() << std::endl; // before the worker below prints

    //[ finalizer
    // Runs in every worker after its last task, when the worker is not needed any more.
    procpool::pool other({.processes = 1,
                          .initializer = procpool::bind(procpool::fn<load>, "C"),
                          .finalizer = procpool::fn<unload>});
    other.close();
    other.join();
    //]

    //[ elastic
    // One process while there is nothing to do, up to eight while calls wait.
    procpool::pool elastic({.processes = 8, .min_processes = 1, .idle_timeout = std::chrono::seconds(2)});
    std::cout << elastic.workers().size() << " of " << elastic.size() << '\n';
    //]

    //[ settings
    // Each worker uses a device of its own, and leaves the CPUs to other programs that need them.
    procpool::pool devices({.processes = 2, .settings_for = [](std::size_t index) {
                                procpool::worker_settings out;
                                out.environment["DEVICE"] = std::to_string(index);
                                out.niceness = 5;
                                return out;
                            }});
    std::cout << devices.apply(procpool::call_options{.worker = 1}, procpool::fn<variable>, "DEVICE") << '\n';
    //]
}

// Output:
// model A of 1
// model B of 2
// model B of 3, model C of 4
// 3 2
// model C is not used any more
// 1 of 8
// 1
