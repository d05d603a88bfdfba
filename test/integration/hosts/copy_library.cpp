// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <exception>
#include <string>
#include <vector>

// A shared object that uses procpool inside, with a copy of the library linked into it. Compiled several
// times: COPY_NAME is its name.

#define COPY_JOIN(name, suffix) name##suffix
#define COPY_FUNCTION(name, suffix) COPY_JOIN(name, suffix)
#define COPY_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

// The same name in all copies.
int weight(int n) {
    return COPY_NUMBER * n;
}

std::string use_pool() {
    try {
        procpool::pool pool(2);
        const std::vector<int> numbers{1, 2, 3};
        int sum = 0;
        for (const int each : pool.map(procpool::fn<weight>, numbers))
            sum += each;
        for (const int each : pool.map([](int n) { return COPY_NUMBER + n; }, numbers))
            sum += each;
        return std::to_string(sum); // 6 + 3 for each of COPY_NUMBER, and 6
    } catch (const std::exception& why) {
        return why.what();
    }
}

} // namespace

COPY_EXPORT void COPY_FUNCTION(COPY_NAME, _init)() {
    procpool::init();
}

COPY_EXPORT const char* COPY_FUNCTION(COPY_NAME, _use)() {
    static std::string text;
    text = use_pool();
    return text.c_str();
}
