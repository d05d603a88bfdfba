// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <iostream>
#include <string>
#include <vector>

std::string join(const std::string& first, const std::string& second, const std::string& between) {
    return first + between + second;
}

int slow_square(int n) {
    return n * n;
}

int main() {
    procpool::init();
    using namespace procpool::literals;
    procpool::pool pool(2);

    //[ as_completed
    // Several calls at once; results in the order of completion.
    std::vector<procpool::async_result<int>> squares;
    for (int n = 0; n != 5; ++n)
        squares.push_back(pool.apply_async(procpool::fn<slow_square>, n));
    int sum = 0;
    for (const auto& each : procpool::as_completed(squares))
        sum += each.get();
    std::cout << sum << '\n';
    //]

    //[ call
    // Waits for the result.
    std::cout << pool.apply(procpool::fn<join>, "a", "b", "-") << '\n';

    // Does not wait. Arguments by name, in any order, with defaults.
    constexpr auto task = procpool::keywords<join>("first"_arg, "second"_arg, "between"_arg = " and ");
    auto result = pool.apply_async(task, "second"_arg = "Brutus", "first"_arg = "Caesar");
    result.on_success([](const std::string& text) { std::cout << "called back: " << text << '\n'; });
    result.wait();
    //]

    pool.close(); // no more work
    pool.join();  // waits until the work is done, callbacks have run and the workers are gone
}

// Output:
// 30
// a-b
// called back: Caesar and Brutus
