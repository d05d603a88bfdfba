// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <string>
#include <vector>

void wrong(procpool::pool& pool, [[maybe_unused]] int k) {
    const std::vector<int> items{1, 2};
    pool.map_reduce([](int n) { return n; }, items, [](int a, int b) { return a + b; }, std::string());
}
