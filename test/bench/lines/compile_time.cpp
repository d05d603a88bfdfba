// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/line.hpp"
#include "bench/support/timing.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

// Line 16: how long does a compiler take for the headers, and for a call?
namespace bench {
namespace {

struct source {
    const char* name;
    const char* text;
};

constexpr source asio_header{"asio.cpp", "#include <boost/asio/io_context.hpp>\n"};
constexpr source umbrella_header{"umbrella.cpp", "#include <procpool/procpool.hpp>\n"};
constexpr source one_map{"map.cpp", R"(#include <procpool/procpool.hpp>
int square(int n) { return n * n; }
std::vector<int> squares(procpool::pool& pool, const std::vector<int>& numbers) {
    return pool.map(procpool::fn<square>, numbers);
}
)"};

class folder {
  public:
    folder() { std::filesystem::create_directories(path_); }
    ~folder() { std::filesystem::remove_all(path_); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    /// Without optimisation, and without an output file.
    double seconds_to_compile(const source& what) const {
        const auto path = path_ / what.name;
        std::ofstream(path) << what.text;
        const std::string command = std::string(PROCPOOL_BENCH_CXX) + " -std=c++20 -c -o '" + path.string() +
                                    ".o' '" + path.string() + "'";
        return seconds_of([&] {
            if (std::system(command.c_str()) != 0)
                throw std::runtime_error("failed: " + command);
        });
    }

  private:
    std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / ("procpool-bench-" + std::to_string(::getpid()));
};

std::vector<row> measure(const settings& chosen) {
    const folder work;
    samples asio;
    samples umbrella;
    samples map;
    alternate(chosen.rounds, {[&] { asio.push_back(work.seconds_to_compile(asio_header)); },
                              [&] { umbrella.push_back(work.seconds_to_compile(umbrella_header)); },
                              [&] {
                                  map.push_back(work.seconds_to_compile(one_map));
                              }});
    return {{.work = "compile #include <procpool/procpool.hpp>",
             .other = "#include <boost/asio/io_context.hpp>",
             .unit = unit::seconds,
             .ours = umbrella,
             .theirs = asio,
             .goal = report_only()},
            {.work = "compile a call of map",
             .other = "#include <procpool/procpool.hpp>",
             .unit = unit::seconds,
             .ours = map,
             .theirs = umbrella,
             .goal = report_only()}};
}

const registered_line here({16, "compile_time", "what a compiler takes for the headers and a call", measure});

} // namespace
} // namespace bench
