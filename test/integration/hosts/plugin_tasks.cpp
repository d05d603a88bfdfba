// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include <procpool/procpool.hpp>

#include <stdexcept>
#include <string>
#include <vector>

// Tasks in one file that is compiled several times: into shared objects that the program loads, and into the
// program. PLUGIN_NUMBER is different in each; the names of tasks and types are the same.

#define PLUGIN_JOIN(name, suffix) name##suffix
#define PLUGIN_FUNCTION(name, suffix) PLUGIN_JOIN(name, suffix)
#define PLUGIN_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

/// Has another encoding in each file.
struct failure : std::runtime_error {
    explicit failure(std::vector<int> all) : runtime_error("a failure"), numbers(std::move(all)) {}
    std::vector<int> numbers; // PLUGIN_NUMBER elements
};

} // namespace

template <>
struct procpool::codec<failure> {
    static void encode(encoder& out, const failure& error) {
        for (const int each : error.numbers)
            out.write(each);
    }
    static failure decode(decoder& in) {
        std::vector<int> numbers;
        for (int i = 0; i != PLUGIN_NUMBER; ++i)
            numbers.push_back(in.read<int>());
        if (in.remaining() != 0)
            throw std::runtime_error("of another file");
        return failure(std::move(numbers));
    }
};

namespace {

const bool is_registered = (procpool::register_exception<failure>(), true);

int weight(int n) {
    return PLUGIN_NUMBER * n;
}

std::string use(procpool::pool& pool) {
    const std::vector<int> numbers{1, 2, 3};
    int sum = 0;
    for (const int each : pool.map(procpool::fn<weight>, numbers))
        sum += each;
    for (const int each : pool.map([](int n) { return PLUGIN_NUMBER + n; }, numbers))
        sum += each;
    return std::to_string(sum); // 6 + 3 for each of PLUGIN_NUMBER, and 6
}

std::string fail(procpool::pool& pool) {
    try {
        pool.apply([] { throw failure(std::vector<int>(PLUGIN_NUMBER, PLUGIN_NUMBER)); });
        return "no failure";
    } catch (const failure& own) {
        return own.numbers == std::vector<int>(PLUGIN_NUMBER, PLUGIN_NUMBER) ? "own" : "damaged";
    } catch (const std::exception& other) {
        return std::string("another: ") + other.what();
    }
}

} // namespace

PLUGIN_EXPORT void PLUGIN_FUNCTION(PLUGIN_NAME, _use)(procpool::pool& pool, std::string& out) {
    out = use(pool);
}

PLUGIN_EXPORT void PLUGIN_FUNCTION(PLUGIN_NAME, _fail)(procpool::pool& pool, std::string& out) {
    out = is_registered ? fail(pool) : "";
}
