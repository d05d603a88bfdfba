// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <cstddef>
#include <iostream>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

//[ view_parameter
double sum_of(std::span<const double> values) { // a view of the argument in shared memory
    return std::accumulate(values.begin(), values.end(), 0.0);
}
//]

//[ shared_array_member
struct part {
    procpool::shared_array<double> field; // the same memory in all processes
    std::size_t first, last;
};
//]

void fill(const part& of) {
    for (std::size_t i = of.first; i != of.last; ++i)
        of.field.span()[i] = static_cast<double>(i);
}

int main() {
    procpool::init();
    procpool::pool pool(2);

    //[ view_argument
    // A parameter that is a std::span<const T> or a std::string_view is not copied for the task.
    const std::vector<double> values(1'000'000, 0.5);
    std::cout << pool.apply(procpool::fn<sum_of>, values) << '\n';
    //]

    //[ shared_array
    // An array that is never copied at all: parent and workers write to the same elements.
    procpool::shared_array<double> field(1'000'000);
    std::vector<part> parts;
    for (std::size_t first = 0; first != field.size(); first += 250'000)
        parts.push_back({field, first, first + 250'000});
    pool.map(procpool::fn<fill>, parts);
    std::cout << field.span()[999'999] << '\n';
    //]

    //[ map_reduce
    // Workers combine their own results, so that few results are sent.
    const double total = pool.map_reduce(
        [](const part& of) { return sum_of(of.field.span().subspan(of.first, of.last - of.first)); }, parts,
        std::plus<>(), 0.0);
    //]
    std::cout << (total == 1'000'000 * (999'999 / 2.0)) << '\n';
}

// Output:
// 500000
// 999999
// 1
