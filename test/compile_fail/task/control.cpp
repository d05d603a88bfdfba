// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "call.hpp"

#include <span>
#include <string_view>
#include <tuple>
#include <vector>

// What the cases do wrong, done right.

using namespace procpool::literals;

double slow_add(double a, double b, double seconds);
int total(std::span<const int> numbers, std::string_view text);

struct scale {
    double factor;
    double operator()(double x) const { return factor * x; }
};

constexpr auto add = procpool::keywords<slow_add>("a"_arg, "b"_arg, "seconds"_arg = 0.1);

void right(procpool::encoder& out, procpool::decoder& in, int k) {
    call(out, in, procpool::fn<slow_add>, 1, 2, 3);
    call(out, in, procpool::fn<total>, std::vector<int>{1, 2}, "text");
    call(out, in, add, 1, "b"_arg = 2);
    call(
        out, in, [](int n) { return n; }, 1);
    call(
        out, in, [](const auto& a, auto b) { return a + b; }, 1, 2.0);
    call(out, in, procpool::by_value([k](int n) { return k * n; }), 1);
    call(out, in, scale{2}, 1);
    call_spread(out, in, procpool::fn<slow_add>, std::tuple(1, 2, 3));
}
