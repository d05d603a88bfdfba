// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

int root_of(int n) {
    if (n < 0)
        throw std::domain_error("negative");
    int root = 0;
    while ((root + 1) * (root + 1) <= n)
        ++root;
    return root;
}

int main() {
    procpool::init();
    procpool::pool pool(2);
    pool.map(procpool::fn<root_of>, std::vector<int>(1000, 144));
    try {
        pool.apply(procpool::fn<root_of>, -1);
    } catch (const std::domain_error&) {
    }

    //[ stats
    const procpool::pool_stats stats = pool.stats();
    std::cout << stats.submitted << " items: " << stats.succeeded << " succeeded, " << stats.threw
              << " threw, " << stats.queued + stats.running << " to do\n";
    const std::chrono::nanoseconds slow = stats.run.quantile(0.99); // 99 % of the items took no longer
    //]
    std::cout << (slow <= stats.run.max() && stats.run.max() <= stats.busy_time) << '\n';

    //[ prometheus
    const std::string page = procpool::to_prometheus(pool.stats(), "roots"); // serve it under /metrics
    //]
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);)
        if (line.find("submitted") != std::string::npos || line.find("le=\"+Inf\"") != std::string::npos)
            std::cout << line << '\n';

    {
        //[ trace
        procpool::pool traced({.processes = 2, .trace = "roots.json"}); // open it in ui.perfetto.dev
        //]
        traced.map(procpool::fn<root_of>, std::vector<int>(10, 144));
    }
    std::ifstream trace("roots.json");
    std::size_t items = 0;
    for (std::string line; std::getline(trace, line);)
        items +=
            line.find("\"cat\":\"item\"") != std::string::npos && line.find("\"X\"") != std::string::npos;
    std::cout << items << " slices\n";
    trace.close();
    std::filesystem::remove("roots.json");
}

// Output:
// 1001 items: 1000 succeeded, 1 threw, 0 to do
// 1
// # HELP procpool_submitted_total Items that the pool has accepted.
// # TYPE procpool_submitted_total counter
// procpool_submitted_total{pool="roots"} 1001
// procpool_wait_seconds_bucket{pool="roots",le="+Inf"} 1001
// procpool_run_seconds_bucket{pool="roots",le="+Inf"} 1001
// 10 slices
