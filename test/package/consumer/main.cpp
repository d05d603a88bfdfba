// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>
#include <iostream>
#include <thread>

double slow_add(double a, double b, double seconds) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    return a + b;
}

int main() {
    procpool::init();                       // a worker process stays in here and never returns
    using namespace procpool::literals;

    procpool::pool pool(4);

    // starmap: one tuple per call
    std::vector<std::tuple<double, double, double>> calls{{1, 2, 0.1}, {3, 4, 0.1}};
    std::vector<double> sums = pool.starmap(procpool::fn<slow_add>, calls);

    // map: one argument per call; a captureless lambda is a task as it stands
    std::vector<int> squares = pool.map([](int n) { return n * n; }, std::views::iota(0, 100));

    // keyword-style apply_async
    constexpr auto add = procpool::keywords<slow_add>("a"_arg, "b"_arg, "seconds"_arg = 0.1);
    auto result = pool.apply_async(add, "b"_arg = 2, "a"_arg = 1);
    std::cout << result.get() << '\n';

    pool.close();
    pool.join();
}
