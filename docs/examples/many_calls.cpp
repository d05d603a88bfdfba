// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <iostream>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

bool is_prime(int n) {
    for (int d = 2; d * d <= n; ++d)
        if (n % d == 0)
            return false;
    return n > 1;
}

double area(double width, double height) {
    return width * height;
}

int main() {
    procpool::init(); // first in main: a worker process stays in here
    procpool::pool pool(4);

    std::vector<int> numbers(30);
    std::iota(numbers.begin(), numbers.end(), 0);

    //[ map
    // One argument a call. The results are in the order of the items.
    std::vector<bool> primes = pool.map(procpool::fn<is_prime>, numbers);
    std::cout << primes[28] << primes[29] << '\n';
    //]

    //[ starmap
    // Several arguments a call: a range of tuples, pairs or arrays.
    std::vector<std::tuple<double, double>> sizes{{1, 2}, {3, 4}, {5, 6}};
    for (double each : pool.starmap(procpool::fn<area>, sizes))
        std::cout << each << ' ';
    std::cout << '\n';
    //]

    //[ by_value
    // A lambda without captures is a task. A lambda with captures must be wrapped in by_value.
    int factor = 3;
    std::vector<int> scaled =
        pool.map(procpool::by_value([factor](int n) { return factor * n; }), numbers, {.chunk_size = 10});
    std::cout << scaled[10] << '\n';
    //]

    //[ stream
    // Results one by one, while other items still run; the input may be infinite.
    for (std::string& text : pool.imap([](int n) { return "item " + std::to_string(n); }, numbers)) {
        std::cout << text << '\n';
        if (text == "item 2")
            break; // items that have not started are cancelled
    }
    //]

    //[ priority
    // An urgent call beside a running map: it waits for the end of one item, not for the map.
    auto all = pool.map_async(procpool::fn<is_prime>, numbers, {.priority = -1}); // for the background
    std::cout << pool.apply(procpool::call_options{.priority = 1}, procpool::fn<area>, 7.0, 8.0) << '\n';
    //]
    std::cout << all.get()[29] << '\n';
}

// Output:
// 01
// 2 12 30
// 30
// item 0
// item 1
// item 2
// 56
// 1
