// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "common/table.hpp"

#include "common/text.hpp"
#include "common/verdict.hpp"

#include <procpool/version.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <ostream>
#include <string>
#include <vector>

namespace apps {
namespace {

std::string title(const report& measured) {
    return measured.app + ": " + measured.work + ", on " + counted(measured.cpus, "CPU", "CPUs") +
           "; one after the other " + seconds(measured.serial_seconds) + " s";
}

void print_text(std::ostream& out, const report& measured, bool markdown) {
    std::vector<cells> lines{{"processes", "start/s", "total/s", "speed-up", "efficiency"}};
    for (const measurement& size : measured.sizes)
        lines.push_back({std::to_string(size.processes), seconds(size.start_seconds),
                         seconds(size.total_seconds), fixed(measured.speedup(size), 2),
                         percent(measured.efficiency(size))});
    out << title(measured) << "\n\n";
    print_columns(out, lines, align::right, markdown);
    out << '\n';
    for (const std::string& sentence : verdict(measured))
        out << (markdown ? "* " : "") << sentence << '\n';
}

void print_csv(std::ostream& out, const report& measured) {
    out << "processes,start_seconds,total_seconds,speedup,efficiency\n";
    for (const measurement& size : measured.sizes)
        out << size.processes << ',' << fixed(size.start_seconds, 6) << ',' << fixed(size.total_seconds, 6)
            << ',' << fixed(measured.speedup(size), 3) << ',' << fixed(measured.efficiency(size), 3) << '\n';
}

void print_json(std::ostream& out, const report& measured) {
    boost::json::array sizes;
    for (const measurement& size : measured.sizes)
        sizes.push_back({{"processes", size.processes},
                         {"start_seconds", size.start_seconds},
                         {"total_seconds", size.total_seconds},
                         {"speedup", measured.speedup(size)},
                         {"efficiency", measured.efficiency(size)}});
    boost::json::array sentences;
    for (const std::string& sentence : verdict(measured))
        sentences.push_back(boost::json::string(sentence));
    out << boost::json::serialize(boost::json::object{{"app", measured.app},
                                                      {"work", measured.work},
                                                      {"cpus", measured.cpus},
                                                      {"jobs", measured.jobs},
                                                      {"seed", measured.seed},
                                                      {"scale", measured.scale},
                                                      {"serial_seconds", measured.serial_seconds},
                                                      {"serial_cpu_seconds", measured.serial_cpu_seconds},
                                                      {"sizes", std::move(sizes)},
                                                      {"verdict", std::move(sentences)}})
        << '\n';
}

} // namespace

void print(std::ostream& out, const report& measured, table_format format) {
    switch (format) {
    case table_format::table:
        return print_text(out, measured, false);
    case table_format::markdown:
        return print_text(out, measured, true);
    case table_format::csv:
        return print_csv(out, measured);
    case table_format::json:
        return print_json(out, measured);
    }
}

} // namespace apps
