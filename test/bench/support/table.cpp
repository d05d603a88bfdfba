// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#include "bench/support/table.hpp"

#include "common/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cmath>
#include <initializer_list>
#include <ostream>
#include <utility>

namespace bench {
namespace {

namespace json = boost::json;

std::string three_digits(double value) {
    int digits = std::abs(value) >= 100 ? 0 : std::abs(value) >= 10 ? 1 : 2;
    if (value != 0 && std::abs(value) < 0.1) // whatever digits follow the zeros
        digits = 1 - static_cast<int>(std::floor(std::log10(std::abs(value))));
    return apps::fixed(value, value == 0 ? 0 : digits);
}

std::string scaled(double value, double step, std::initializer_list<const char*> names) {
    auto name = names.begin();
    while (std::abs(value) >= step && name + 1 != names.end()) {
        value /= step;
        ++name;
    }
    return three_digits(value) + ' ' + *name;
}

/// The figure that an aim is for: a ratio, or the measured value itself.
std::string figure(double value, const row& of) {
    return of.theirs ? three_digits(value) + "×" : readable(value, of.unit);
}

std::string aim_text(const row& of) {
    if (!of.goal.stated)
        return "report";
    if (std::isfinite(of.goal.least))
        return "≥ " + figure(of.goal.least, of);
    return "≤ " + figure(of.goal.most, of);
}

std::string verdict(const row& of) {
    if (!of.is_measured())
        return "not measured: " + of.note;
    const auto met = of.is_met();
    const std::string answer = !met ? "" : *met ? "yes" : "**no**";
    if (of.note.empty())
        return answer;
    return answer.empty() ? of.note : answer + "; " + of.note;
}

apps::cells cells_of(const row& of) {
    apps::cells out{std::to_string(of.line), of.work, of.other, "", "", "", "", aim_text(of), verdict(of)};
    if (!of.ours.empty())
        out[3] = readable(median(of.ours), of.unit);
    if (of.theirs && !of.theirs->empty())
        out[4] = readable(median(*of.theirs), of.unit);
    if (of.is_measured()) {
        const samples values = of.figures();
        out[5] = figure(median(values), of);
        out[6] = figure(quantile(values, 0), of) + " – " + figure(quantile(values, 1), of);
    }
    return out;
}

const char* name_of(unit of) {
    switch (of) {
    case unit::per_second:
        return "1/s";
    case unit::seconds:
        return "s";
    case unit::bytes_per_second:
        return "B/s";
    case unit::bytes:
        return "B";
    case unit::plain:
        return "1";
    }
    return "";
}

json::array array_of(const samples& values) {
    return json::array(values.begin(), values.end());
}

json::object object_of(const row& of) {
    json::object out{{"line", of.line},
                     {"work", of.work},
                     {"compared_with", of.other},
                     {"unit", name_of(of.unit)},
                     {"procpool", array_of(of.ours)}};
    if (of.theirs)
        out["other"] = array_of(*of.theirs);
    if (of.is_measured()) {
        const samples values = of.figures();
        out[of.theirs ? "ratio" : "figure"] = json::object{
            {"median", median(values)}, {"least", quantile(values, 0)}, {"most", quantile(values, 1)}};
    }
    if (of.goal.stated && std::isfinite(of.goal.least))
        out["at_least"] = of.goal.least;
    if (of.goal.stated && std::isfinite(of.goal.most))
        out["at_most"] = of.goal.most;
    if (const auto met = of.is_met())
        out["met"] = *met;
    if (!of.note.empty())
        out["note"] = of.note;
    return out;
}

} // namespace

std::string readable(double value, unit of) {
    switch (of) {
    case unit::per_second:
        return scaled(value, 1000, {"/s", "k/s", "M/s", "G/s"});
    case unit::seconds:
        return scaled(value * 1e9, 1000, {"ns", "µs", "ms", "s"});
    case unit::bytes_per_second:
        return scaled(value, 1000, {"B/s", "kB/s", "MB/s", "GB/s"});
    case unit::bytes:
        return scaled(value, 1024, {"B", "KiB", "MiB", "GiB"});
    case unit::plain:
        return three_digits(value);
    }
    return "";
}

void print_markdown(std::ostream& out, const report& measured) {
    const machine& where = measured.where;
    out << "Measured on " << where.processor << ", " << where.cpus << " CPUs; " << where.system << "; "
        << where.compiler << ", " << where.flags << "; load " << three_digits(measured.load_before)
        << " before and " << three_digits(measured.load_after) << " after; medians of " << measured.rounds
        << ", with the least and the most.\n\n";

    std::vector<apps::cells> lines{
        {"#", "work", "compared with", "procpool", "the other", "ratio", "spread", "aim", "met"}};
    for (const row& each : measured.rows)
        lines.push_back(cells_of(each));
    apps::print_columns(out, lines, apps::align::left, true);
}

void print_json(std::ostream& out, const report& measured) {
    json::array rows;
    for (const row& each : measured.rows)
        rows.push_back(object_of(each));
    const machine& where = measured.where;
    out << json::serialize(json::object{{"processor", where.processor},
                                        {"cpus", where.cpus},
                                        {"system", where.system},
                                        {"compiler", where.compiler},
                                        {"flags", where.flags},
                                        {"load_before", measured.load_before},
                                        {"load_after", measured.load_after},
                                        {"rounds", measured.rounds},
                                        {"rows", std::move(rows)}})
        << '\n';
}

} // namespace bench
