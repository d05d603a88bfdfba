// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/benchmark.hpp"

#include "common/plot.hpp"
#include "common/table.hpp"

#include <exception>
#include <iostream>
#include <stdexcept>

namespace apps {

int run_benchmark(int argc, const char* const* argv, command_line& line,
                  const std::function<report(const settings&)>& measure) {
    try {
        const std::optional<settings> chosen = line.parse(argc, argv);
        if (!chosen) { // --help or --version
            if (!std::cout.flush())
                throw std::runtime_error("what was asked for could not be written");
            return 0;
        }
        report measured = measure(*chosen);
        measured.app = line.app();
        print(std::cout, measured, chosen->format);
        std::cout.flush();
        if (chosen->plot)
            plot(measured, *chosen->plot);
        if (!std::cout)
            throw std::runtime_error("the table could not be written");
        return 0;
    } catch (const usage_error& error) {
        std::cerr << line.app() << ": " << error.what() << '\n';
        return 2;
    } catch (const std::exception& error) {
        std::cerr << line.app() << ": " << error.what() << '\n';
        return 1;
    }
}

} // namespace apps
